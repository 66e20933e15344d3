// What the providers' own Node libraries say. Each line of standard input is a JSON object with "do"; each is answered
// by one JSON object: {"valid": …} or what was made.
import readline from 'node:readline';

import eventwebhook from '@sendgrid/eventwebhook';
import SnsValidator from 'sns-payload-validator';
import starkbank from 'starkbank-ecdsa';
import Stripe from 'stripe';
import twilio from 'twilio/lib/webhooks/webhooks.js';

const stripe = new Stripe('sk_test_unused');
const TOLERANCE_SECONDS = 300;
const sendgrid = new eventwebhook.EventWebhook();

// Libraries say no by throwing or by false; a fault of the judge itself is neither and ends it.
const LIBRARY_REFUSALS = [Stripe.errors.StripeSignatureVerificationError];

function accepts(check) {
  try {
    return { valid: check() !== false };
  } catch (error) {
    if (LIBRARY_REFUSALS.some((type) => error instanceof type)) return { valid: false, why: error.message };
    throw error;
  }
}

const skills = {
  stripe_sign: ({ body, secret, now }) => ({
    header: stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: now }),
  }),
  stripe_verify: ({ body, header, secret, now }) =>
    accepts(() => stripe.webhooks.signature.verifyHeader(body, header, secret, TOLERANCE_SECONDS, undefined, now * 1000)),

  twilio_sign: ({ url, form, token }) => ({ header: twilio.getExpectedTwilioSignature(token, url, form) }),
  twilio_verify: ({ url, form, header, token }) => ({ valid: twilio.validateRequest(token, header, url, form) }),
  twilio_body_hash: ({ body }) => ({ hash: twilio.getExpectedBodyHash(body) }),
  twilio_verify_body: ({ url, body, header, token }) => ({ valid: twilio.validateRequestWithBody(token, header, url, body) }),

  sendgrid_sign: ({ key, timestamp, body }) => {
    const signer = starkbank.PrivateKey.fromPem(key);
    return {
      signature: starkbank.Ecdsa.sign(timestamp + body, signer).toBase64(),
      public_key: signer.publicKey().toPem().replace(/-----[A-Z ]+-----|\s/g, ''),
    };
  },
  sendgrid_verify: ({ key, signature, timestamp, body }) => ({
    valid: sendgrid.verifySignature(sendgrid.convertPublicKeyToECDSA(key), body, signature, timestamp),
  }),

  // The certificate is put where the library keeps those that it has fetched.
  sns_verify: async ({ body, certificate }) => {
    const validator = new SnsValidator();
    validator.certCache.set(JSON.parse(body).SigningCertURL, certificate);
    return validator.validate(body).then(
      () => ({ valid: true }),
      (error) => ({ valid: false, why: error.message }),
    );
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await skills[task.do](task))}\n`);
}
