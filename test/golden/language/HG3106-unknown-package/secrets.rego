# METADATA
# title: x
package guardrails.secrets

deny contains {"code": "x", "message": "y"} if false
