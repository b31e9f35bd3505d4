# METADATA
# title: What detectors find is blacked out
# description: Replaces every finding by its kind in square brackets, and lets the rest pass.
package headgate.redact

redact contains {"ptr": finding.ptr, "start": finding.start, "end": finding.end, "with": replacement} if {
	some finding in input.findings
	replacement := sprintf("[%s]", [finding.kind])
}
