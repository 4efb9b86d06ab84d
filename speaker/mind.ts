import { selfSignedCertificate } from "../operator/framework/certificates.ts";
import { runMind } from "./runtime/mind-thread.ts";

await runMind(selfSignedCertificate);
