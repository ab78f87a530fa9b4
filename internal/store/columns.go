package store

import (
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// The columns of a segment that are the store's own.
const (
	columnRaw      = "raw"            // the document
	columnArrival  = "_arrival"       // its number
	columnIndex    = "_index"         //
	columnID       = "_id"            //
	columnSource   = "_source"        // Event.Source
	columnSum      = "_sum"           // XXH64 of what was sent, for the window of ids
	columnTime     = "@timestamp"     // null: it is no time
	columnNanos    = "_nanos"         // of @timestamp, beyond its microseconds
	columnIngested = "event.ingested" //
)

// Columns returns the fields that a segment has columns of besides, for people who
// ask it with SQL: each a text that is the field's first value, null if there is
// none. Of the fields of ECS those that narrow a search.
func Columns() []string {
	return []string{
		"event.action", "event.category", "event.code", "event.outcome", "event.type",
		"agent.id", "host.id", "host.name", "host.os.type", "user.name",
		"process.entity_id", "process.pid", "process.name", "process.executable", "process.command_line",
		"process.parent.entity_id", "process.parent.name",
		"file.path", "source.ip", "destination.ip", "destination.port", "dns.question.name",
	}
}

// various are the columns whose values hardly repeat, so that a dictionary is in vain.
func various(column string) bool {
	return column == "process.entity_id" || column == "process.parent.entity_id" || column == "process.pid"
}

// segmentSchema is the schema of a segment. The documents are compressed by pages. An
// export has no sums.
func segmentSchema(pages *pageCodec, export bool) *parquet.Schema {
	others := &pageCodec{packer: pages.packer}
	pack := func(n parquet.Node) parquet.Node { return parquet.Compressed(n, others) }
	group := parquet.Group{
		columnRaw:      parquet.Compressed(parquet.Encoded(parquet.String(), &parquet.Plain), pages),
		columnArrival:  pack(parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.DeltaBinaryPacked)),
		columnIndex:    pack(parquet.Encoded(parquet.String(), &parquet.RLEDictionary)),
		columnID:       pack(parquet.Encoded(parquet.String(), &parquet.Plain)),
		columnSource:   pack(parquet.Encoded(parquet.String(), &parquet.RLEDictionary)),
		columnSum:      parquet.Encoded(parquet.Uint(64), &parquet.Plain),
		columnTime:     pack(parquet.Encoded(parquet.Optional(parquet.Timestamp(parquet.Microsecond)), &parquet.DeltaBinaryPacked)),
		columnNanos:    pack(parquet.Encoded(parquet.Leaf(parquet.Int32Type), &parquet.RLEDictionary)),
		columnIngested: pack(parquet.Encoded(parquet.Timestamp(parquet.Microsecond), &parquet.DeltaBinaryPacked)),
	}
	for _, field := range Columns() {
		coding := encoding.Encoding(&parquet.RLEDictionary)
		if various(field) {
			coding = &parquet.Plain
		}
		group[field] = pack(parquet.Encoded(parquet.Optional(parquet.String()), coding))
	}
	if export {
		delete(group, columnSum)
	}
	return parquet.NewSchema("event", group)
}
