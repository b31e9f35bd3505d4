package system.log

deny contains {"code": "x", "message": "y"} if input.stage == "request"
