import { selfSignedCertificate } from "../webhooks/server/certificates.ts";
import { runMind } from "./runtime/mind-thread.ts";

await runMind(selfSignedCertificate);
