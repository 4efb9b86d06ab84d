import { selfSignedCertificate } from "../operator/framework/http/certificates.ts";
import { runMind } from "./runtime/threads/mind-thread.ts";

await runMind(selfSignedCertificate);
