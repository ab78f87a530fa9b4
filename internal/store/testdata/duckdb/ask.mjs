// Asks a Tripline store some questions in SQL and prints the answers as JSON.
//
//   node ask.mjs STORE TAIL SEALED
//
// STORE is the store's folder, TAIL a Parquet file with what is not sealed, SEALED
// the number of the last document that is.
import { DuckDBInstance } from '@duckdb/node-api';

const [store, tail, sealed] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const quote = (text) => `'${text.replaceAll("'", "''")}'`;

await connection.run(`
  create view sealed as
    select * from read_parquet(${quote(store + '/segments/**/*.parquet')}, hive_partitioning = true)
    where _arrival <= ${BigInt(sealed)};
  create view tail as select * from read_parquet(${quote(tail)});
  create view events as select * from sealed union all by name select * from tail`);

const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();
console.log(JSON.stringify({
  sealed: await rows(`select count(*) from sealed`),
  tail: await rows(`select count(*) from tail`),
  distinct: await rows(`select count(distinct _arrival), min(_arrival), max(_arrival) from events`),
  partitions: await rows(`select index, day::varchar, count(*) from sealed group by all order by all`),
  byIndex: await rows(`select _index, count(*), sum(strlen(raw)) from events group by all order by all`),
  byProcess: await rows(`select "process.name", "user.name", count(*) from events group by all order by all nulls first`),
  byMinute: await rows(`select epoch_us(time_bucket(interval '1 minute', "@timestamp")), count(*) from events group by all order by all nulls first`),
  byRaw: await rows(`select json_extract_string(raw, '$.host.name'), count(*), max(cast(json_extract(raw, '$.n') as bigint)) from events group by all order by all`),
  commands: await rows(`select count("process.command_line"), count(distinct "process.command_line"), count(distinct _id) from events`),
}));
