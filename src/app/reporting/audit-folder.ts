/** The folder of the audit files below the state folder. */
export const AUDIT_FOLDER = 'audit';
