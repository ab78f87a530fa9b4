package lint

type row struct {
	code     code
	name     string
	severity Severity
	summary  string
	why      string
}

// table holds every check. A code that is given up is not given to another.
var table = []row{
	{badRule, "bad-rule", Error, "the rule does not load", "What is wrong with it must be put right before it can run."},
	{badQuery, "bad-query", Error, "the query is not EQL, or names or types in it do not fit", "The rule does not run."},
	{ruleWarning, "doubtful-field", Warning, "a field of the rule has no effect, or looks wrong", "Misspelt fields are the most common cause."},
	{deprecatedRule, "deprecated-rule", Warning, "the rule's repository has given it up", "Look for the rule that took its place."},
	{takenID, "duplicate-id", Error, "another rule has the same rule_id", "Alerts of the two could not be told apart; the second rule does not run."},
	{takenName, "duplicate-name", Warning, "another rule has the same name", "A reader of alerts can not tell the two apart."},
	{badException, "bad-exception", Error, "an exception of the rule can not be applied", "The rule alerts on what the exception was to rule out."},

	{unknownField, "unknown-field", Warning, "a field is in neither ECS nor Elastic Defend, and its name is close to one that is, or the rule reads only events of Elastic Defend", "A field that no event has is null: the test never holds, or, negated, always."},
	{deprecatedField, "deprecated-field", Warning, "a field has been given up", "Newer events do not have it."},

	{neverTrue, "never-true", Error, "an event condition can never be true", "Two of its tests exclude each other."},
	{deadBranch, "unreachable-branch", Warning, "a part of a condition can never be true", "A test beside or around it excludes it: it can be left out, or does not say what was meant."},
	{neverEqual, "impossible-type", Warning, "a field is compared with a constant that its type can never equal", "Such a test is always false."},
	{repeatedBranch, "repeated-branch", Warning, "two operands of an `or` or `and` are the same", "One was perhaps meant to say something else."},
	{coveredBranch, "covered-branch", Note, "an operand of an `or` holds only where another one does", "It adds nothing."},
	{coveredEntry, "covered-entry", Note, "an entry of a list is matched by another entry", "It adds nothing."},

	{literalWildcard, "literal-wildcard", Warning, "a constant with `*` or `?` stands behind `==`, `!=` or `in`", "There they are plain characters. Patterns go with `:` and `like`."},
	{unguarded, "unguarded-filter", Note, "no test for a name or value of three characters or more must hold for an event", "Every event of the category, type and system is judged in full. Fields that say what kind of event it is (event.*, host.os.*, data_stream.*) do not count."},
	{leadingWildcard, "leading-wildcard", Note, "all patterns of a test begin with a wildcard", "Each value must be read to its end; an index is of little use."},
	{onlyWildcard, "only-wildcard", Note, "a pattern is `*` alone", "It matches every value: `x != null` says so."},
	{caseOfPath, "case-of-windows-path", Note, "a path of Windows is compared with regard to case", "Windows does not look at case there; `:`, `like~` and `in~` do not either."},

	{fineSpan, "span-below-clock", Warning, "maxspan is not above the step of the source's clock", "Events that lie apart may bear the same time, and events together times that are a step apart."},
	{spanPastWindow, "span-past-window", Note, "maxspan is longer than what a window reaches back beyond the interval", "Run on its schedule in an Elastic Stack, the rule loses sequences that begin in one window and end in the next."},

	{noReferences, "no-references", Note, "there are no references", "Say where one can read about the behaviour."},
	{noThreat, "no-threat", Warning, "the rule is not placed in a threat framework", "Add [[rule.threat]] with a tactic and techniques of MITRE ATT&CK; a building block may do without."},
	{noFalsePositive, "no-false-positives", Note, "there are no false_positives", "Say which harmless activity may match."},
	{noTags, "no-tags", Warning, "there are no tags", "Tags tell the operating system, the data source and the tactic."},
	{noAuthor, "no-author", Warning, "there is no author", "Say whom to ask."},
	{noGuide, "no-guide", Note, "there is neither a note nor a setup", "Tell whoever gets the alert what to look at first, and whoever runs the rule what it needs."},
	{shortText, "short-description", Note, "the description is shorter than its name, or the same", "Say in a sentence what the rule detects and why that matters."},

	{overrideMissing, "no-timestamp-override", Note, "an event rule has no timestamp_override", "Elastic's repository asks for event.ingested: without it, an event that arrives later than the look-back is never searched."},
	{overrideUnused, "timestamp-override-of-sequence", Note, "a sequence has a timestamp_override", "Elastic's repository advises against it: the override decides only which events are searched, order and maxspan go by the timestamp."},
	{riskMismatch, "risk-severity-mismatch", Warning, "the risk score is not in the band of the severity", "The bands are low 0-21, medium 22-47, high 48-73, critical 74-100."},
	{buildingBlock, "building-block-timing", Warning, "a building block rule looks back less than 119 minutes, or runs more than once an hour", "Elastic's repository asks for that, since such rules are many and none is urgent."},
	{indexAndView, "index-and-data-view", Warning, "the rule has both index and data_view_id", "In Kibana the data view wins and index has no effect."},
	{fieldNotECS, "field-not-ecs", Warning, "timestamp_field, event_category_override or tiebreaker_field name a field that is not in ECS", "Events of most sources do not have it."},
	{noOverlap, "no-look-back", Note, "the window is no longer than the interval", "An event that arrives late, or a run that does, leaves a gap."},
}
