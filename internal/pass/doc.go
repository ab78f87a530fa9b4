// Package pass runs what a schedule plans: the windows of all rules that are due,
// over one reading of the store.
//
//	store ──batches──> workers (engine.Judge) ──in order of arrival──> order ──in order of time──> sequence ──> matches
//	                              └ each hit goes to those windows of its rule that the event lies in
//
// Each document is read and judged once in a pass, however many rules and windows
// there are; the report counts it. A window knows no event outside it: sequences of
// each rule and window are kept apart.
//
// What a pass needs is bounded: batches on their way, what waits to be put in order
// (beyond its bound it is sorted on disk), what sequences remember (beyond it the
// oldest are dropped, and counted), and the matches of a job: if there are more, the
// job claims no more than up to where they end, and the rest is left for another pass.
// Only what happened at one and the same time is never parted.
package pass
