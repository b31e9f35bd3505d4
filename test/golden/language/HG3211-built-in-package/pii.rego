package headgate.pii
