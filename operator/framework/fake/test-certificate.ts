import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CertificatePair } from "../http/serving-certificate.ts";

/** A self-signed pair for localhost, 127.0.0.1 and ::1, made by the openssl command. */
export function testCertificate(commonName = "localhost"): CertificatePair {
  const directory = mkdtempSync(join(tmpdir(), "herald-certificate-"));
  try {
    const [key, cert] = [join(directory, "tls.key"), join(directory, "tls.crt")];
    const names = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const subject = ["-subj", `/CN=${commonName}`, "-addext", names, "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert], { stdio: "pipe" });
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
