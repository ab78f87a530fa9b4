package server

import "strconv"

// answerShape is what of the items is answered. Clients that want less name it in
// filter_path; see shapeOf.
type answerShape struct {
	short bool // no more than status and error, and _index if it is named
	index bool
	// brief leaves out _shards and what else no client reads: Fluent Bit keeps no
	// more than 512 KiB of an answer.
	brief bool
}

// appendAnswer writes the answer to a bulk. Its bytes are promised: the order of
// keys, and no space. A client decides by the bytes `"errors":true`, another by
// `"errors":false,"items":[`.
func (b *bulk) appendAnswer(to []byte, took int64, results []Result, shape answerShape) []byte {
	to = append(to, `{"took":`...)
	to = strconv.AppendInt(to, took, 10)
	if b.failed(results) {
		to = append(to, `,"errors":true,"items":[`...)
	} else {
		to = append(to, `,"errors":false,"items":[`...)
	}
	for i := range b.items {
		if i > 0 {
			to = append(to, ',')
		}
		it := &b.items[i]
		to = append(to, `{"`...)
		to = append(to, opNames[it.op]...)
		to = append(to, `":{`...)
		if it.apart != nil {
			to = appendApart(to, it, shape)
		} else {
			to = appendStored(to, it.op, b.docs[it.doc].Index, &results[it.doc], shape)
		}
		to = append(to, `}}`...)
	}
	return append(to, `]}`...)
}

// failed reports whether some item has an error.
func (b *bulk) failed(results []Result) bool {
	for i := range results {
		if results[i].Outcome == Conflict {
			return true
		}
	}
	for i := range b.items {
		if apart := b.items[i].apart; apart != nil && apart.failure != nil {
			return true
		}
	}
	return false
}

// appendStored writes the item of a document that the Appender took or knew.
func appendStored(to []byte, o op, index string, r *Result, shape answerShape) []byte {
	if r.Outcome == Conflict {
		return appendFailure(to, index, r.ID, conflict(o, r.ID), shape)
	}
	status, result := 201, "created"
	if r.Outcome == Noop {
		status, result = 200, "noop"
	}
	to = appendPlace(to, index, r.ID, shape)
	if !shape.short {
		to = appendSuccess(to, result, r.Arrival, shape.brief)
		to = append(to, ',')
	}
	to = append(to, `"status":`...)
	return strconv.AppendInt(to, int64(status), 10)
}

// appendSuccess writes what bulks and single documents have in common.
func appendSuccess(to []byte, result string, arrival uint64, brief bool) []byte {
	to = append(to, `"_version":1,"result":"`...)
	to = append(to, result...)
	to = append(to, '"')
	if brief {
		return to
	}
	to = append(to, `,"_shards":{"total":1,"successful":1,"failed":0},"_seq_no":`...)
	to = strconv.AppendUint(to, arrival, 10)
	return append(to, `,"_primary_term":1`...)
}

// appendPlace writes where a document is, with a comma behind.
func appendPlace(to []byte, index, id string, shape answerShape) []byte {
	if !shape.short || shape.index {
		to = append(to, `"_index":`...)
		to = appendString(to, index)
		to = append(to, ',')
	}
	if !shape.short {
		to = append(to, `"_id":`...)
		if id == "" {
			to = append(to, `null`...)
		} else {
			to = appendString(to, id)
		}
		to = append(to, ',')
	}
	return to
}

// appendApart writes the item of what was not stored.
func appendApart(to []byte, it *item, shape answerShape) []byte {
	a := it.apart
	if a.failure != nil {
		return appendFailure(to, a.index, a.id, a.failure, shape)
	}
	to = appendPlace(to, a.index, a.id, shape)
	if !shape.short {
		to = append(to, `"_version":1,"result":"not_found",`...)
	}
	return append(to, `"status":404`...)
}

func appendFailure(to []byte, index, id string, f *failure, shape answerShape) []byte {
	to = appendPlace(to, index, id, shape)
	to = append(to, `"status":`...)
	to = strconv.AppendInt(to, int64(f.status), 10)
	to = append(to, `,"error":{"type":`...)
	to = appendString(to, f.kind)
	to = append(to, `,"reason":`...)
	to = appendString(to, f.reason)
	if f.kind == typeConflict {
		to = append(to, `,"index":`...)
		to = appendString(to, index)
		to = append(to, `,"shard":"0"`...)
	}
	return append(to, '}')
}

// conflict is the answer to an id that is known.
func conflict(o op, id string) *failure {
	if o == opUpdate {
		return badRequest(typeArgument, "["+id+"]: documents are kept as they came: one that is stored is not updated")
	}
	return fault(409, typeConflict, "["+id+"]: version conflict, document already exists (current version [1])")
}
