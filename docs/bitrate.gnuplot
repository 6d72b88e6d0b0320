# Draws bit rate and errors of each stream from a database of `rscap client --sqlite` or `rscap replay --sqlite`:
#   gnuplot -e "database='rscap.db'; picture='rscap.png'" bitrate.gnuplot
if (!exists("database")) database = "rscap.db"
if (!exists("picture")) picture = "rscap.png"

# What is wrong now and then is drawn only where there is some of it. Times are of a wall clock where they are later than 1971, else seconds from the start of a file.
query(sql) = sprintf("< sqlite3 -separator '\t' '%s' \"%s\"", database, sql)
ids = system(sprintf("sqlite3 '%s' 'SELECT DISTINCT stream_id FROM seconds ORDER BY stream_id LIMIT 8'", database))
newest = real(system(sprintf("sqlite3 '%s' 'SELECT ifnull(max(time_ms), 0) FROM seconds'", database)))
name(id) = system(sprintf("sqlite3 '%s' 'SELECT stream FROM streams WHERE id = %s'", database, id))
wall = newest > 365 * 86400e3

set terminal pngcairo size 1200,800 font "sans,11"
set output picture
set datafile separator "\t"
set multiplot layout 2,1 title (wall ? "rscap, times in UTC" : "rscap, seconds from the start")
set grid lc rgb "#d0d0d0"
set border 3
set tics nomirror
set lmargin 12
set rmargin 4
if (wall) {
  set xdata time
  set timefmt "%s"
  set format x "%H:%M:%S"
}
set key outside top right horizontal
set yrange [0:*]
set offsets 0, 0, graph 0.08, 0

set ylabel "Bit rate, Mb/s"
plot for [id in ids] query("SELECT time_ms / 1000.0, bitrate_bps / 1e6 FROM seconds WHERE stream_id = ".id." ORDER BY time_ms") \
  using 1:2 with lines lw 2 title name(id) noenhanced

set ylabel "Errors a second"
set xlabel (wall ? "Packet time" : "Packet time, s")
unset key
set key inside top right
total(column) = query("SELECT time_ms / 1000.0, sum(".column.") FROM seconds GROUP BY time_ms HAVING sum(".column.") > 0 ORDER BY time_ms")
plot total("priority1_errors + priority2_errors + priority3_errors") using 1:2 with impulses lw 3 lc rgb "#999999" title "TR 101 290, all priorities", \
  total("continuity_errors") using 1:2 with impulses lw 3 lc rgb "#c0392b" title "continuity errors", \
  total("rtp_lost") using 1:2 with points pt 7 ps 0.6 lc rgb "#1f618d" title "RTP packets lost"
unset multiplot
