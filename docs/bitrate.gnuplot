# Draws bit rate and errors of the first eight streams from a database of `rscap client --sqlite` or `rscap replay --sqlite`:
#   gnuplot -e "database='rscap.db'; picture='rscap.png'" bitrate.gnuplot
# Of a longer time only the last hours: gnuplot -e "database='rscap.db'; hours=6" bitrate.gnuplot
if (!exists("database")) database = "rscap.db"
if (!exists("picture")) picture = "rscap.png"
if (!exists("hours")) hours = 1e6

sql(text) = sprintf("sqlite3 -readonly -separator '\t' '%s' \"%s\"", database, text)
one(text) = system(sql(text))
rows(text) = "< ".sql(text)
last = real(one("SELECT ifnull(max(time_ms), 0) / 1000.0 FROM seconds"))
first = real(one(sprintf("SELECT ifnull(min(time_ms), 0) / 1000.0 FROM seconds WHERE time_ms > %.0f", (last - hours * 3600) * 1000)))
since = sprintf("time_ms >= %.0f", floor(first * 1000))
ids = one("SELECT DISTINCT stream_id FROM seconds WHERE ".since." ORDER BY stream_id LIMIT 8")
if (ids eq "") { print "No seconds are stored in ".database."."; exit status 1 }
name(id) = one("SELECT stream FROM streams WHERE id = ".id)
# What is added up over all streams of a second, and the most of it.
sums = "SELECT CAST(time_ms / 1000 AS INTEGER) AS s, sum(priority1_errors + priority2_errors + priority3_errors) AS tr,"
sums = sums." sum(continuity_errors) AS cc, sum(rtp_lost) AS lost FROM seconds WHERE ".since." GROUP BY s"
most = real(one("SELECT ifnull(max(max(tr, cc, lost)), 0) FROM (".sums.")"))
# Only what is there is drawn; a column without any stands in the key all the same.
errors(column) = rows("SELECT s, ".column." FROM (".sums.") WHERE ".column." > 0 UNION ALL SELECT -1e9, 0 ORDER BY 1")
# Of an input without a wall clock times count from its start.
wall = last > 365 * 86400
span = last - first

set terminal pngcairo size 1200,800 font "sans,11"
set output picture
set datafile separator "\t"
set multiplot
set border 3
set tics nomirror out
set grid lt 1 lc rgb "#dddddd"
set lmargin at screen 0.075
set rmargin at screen 0.965
set xrange [first - (span > 0 ? 0 : 1) : last + (span > 0 ? 0 : 1)]
if (wall) {
  set xdata time
  set timefmt "%s"
  set format x (span > 2 * 86400 ? "%d %b\n%H:%M" : "%H:%M:%S")
}

set tmargin at screen 0.90
set bmargin at screen 0.46
set label 1 "Bit rate and errors".(wall ? strftime(", %Y-%m-%d", first) : "") at screen 0.075, screen 0.965 font "sans,14"
set key at screen 0.965, screen 0.945 right center horizontal samplen 2
set ylabel "Bit rate, Mb/s"
set yrange [0:*]
set offsets 0, 0, graph 0.08, 0
plot for [id in ids] rows("SELECT time_ms / 1000.0, bitrate_bps / 1e6 FROM seconds WHERE stream_id = ".id." AND ".since." ORDER BY time_ms") \
  using 1:2 with lines lw 2 title name(id) noenhanced

unset label 1
unset offsets
set tmargin at screen 0.355
set bmargin at screen 0.08
set key at screen 0.965, screen 0.385 right center horizontal samplen 2
set ylabel "Errors a second"
set xlabel (wall ? "Time of the packets, UTC" : "Seconds from the start")
set yrange [0 : most > 4 ? most * 1.08 : 5]
if (most <= 10) { set ytics 1 }
plot errors("tr") using 1:2 with impulses lw 6 lc rgb "#bbbbbb" title "TR 101 290, all priorities", \
  errors("cc") using 1:2 with impulses lw 2 lc rgb "#c0392b" title "continuity errors", \
  errors("lost") using 1:2 with points pt 7 ps 0.7 lc rgb "#1f618d" title "RTP packets lost"
unset multiplot
