package headgate
