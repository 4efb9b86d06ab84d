import { selfSignedCertificate } from "../operator/framework/http/certificates.ts";
import { runMind } from "./runtime/mind-thread.ts";

await runMind(selfSignedCertificate);
