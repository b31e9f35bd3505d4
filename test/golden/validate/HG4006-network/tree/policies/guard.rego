package guardrails.guard

deny contains {"code": "x", "message": "y"} if http.send({"method": "GET", "url": "https://example.com"}).status_code == 200
