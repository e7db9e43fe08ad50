export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** The port that mail leaves by. A shop that opens puts its provider here; nothing else has to change. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
}

/** Prints mails, links included, into the log: for development, and for an operator who passes a link on by hand. */
export const consoleMailer = (print: (fields: { mail: Mail }, message: string) => void): Mailer => ({
  send: async mail => print({ mail }, 'mail'),
});
