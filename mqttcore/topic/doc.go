// Package topic holds the rules for Topic Names and Topic Filters
// (sections 4.7 and 4.8 of the specification): which are well formed, which
// filter matches which name and why, level by level, and an index that finds
// all filters matching a name.
package topic
