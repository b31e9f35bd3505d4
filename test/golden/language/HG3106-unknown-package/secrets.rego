# METADATA
# title: x
package guardrails.secrets

deny contains "x" if false
