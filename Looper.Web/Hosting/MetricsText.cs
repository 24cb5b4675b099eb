using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Looper.Core;

namespace Looper.Web.Hosting;

/// <summary>Listens to the product's meter and the framework's, and writes what they say as Prometheus reads it (text format 0.0.4).
/// Counters and histograms add up from the start of the process; gauges are asked when somebody reads.</summary>
internal sealed class MetricsText : IDisposable
{
    private static readonly string[] s_frameworks = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql"];
    private static readonly double[] s_seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] s_counts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 4_096];

    private readonly ConcurrentDictionary<(Instrument Instrument, string Tags), Series> _series = new();
    private readonly MeterListener _listener = new();

    public MetricsText(LooperMeter looper)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == looper.Meter || s_frameworks.Contains(instrument.Meter.Name)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var group in _series.GroupBy(s => s.Key.Instrument).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
        {
            var (name, kind) = NameOf(group.Key);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Line(group.Key.Description)}\n# TYPE {name} {kind}\n");
            foreach (var ((_, tags), series) in group.OrderBy(s => s.Key.Tags, StringComparer.Ordinal)) series.Write(text, name, tags);
        }
        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, tags.IsEmpty ? "" : TagText(tags));
        if (!_series.TryGetValue(key, out var series)) series = _series.GetOrAdd(key, static k => new(KindOf(k.Instrument) == "histogram" ? (k.Instrument.Unit == "s" ? s_seconds : s_counts) : null));
        series.Take(value, replaces: instrument.IsObservable || KindOf(instrument) == "gauge" && instrument.GetType().GetGenericTypeDefinition() == typeof(Gauge<>));
    }

    private static string TagText(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(Plain(key)).Append("=\"").Append(Line(Convert.ToString(value, CultureInfo.InvariantCulture)).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }
        return text.ToString();
    }

    private static (string Name, string Kind) NameOf(Instrument instrument)
    {
        var (name, kind) = (Plain(instrument.Name), KindOf(instrument));
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return (kind == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name, kind);
    }

    private static string KindOf(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        return kind == typeof(Histogram<>) ? "histogram" : kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? "counter" : "gauge";
    }

    private static string Plain(string name) => string.Create(name.Length, name, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++) to[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
    });

    private static string Line(string? text) => (text ?? "").Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>One instrument with one set of tags.</summary>
    private sealed class Series(double[]? bounds)
    {
        private readonly long[] _buckets = new long[bounds?.Length ?? 0];
        private readonly Lock _gate = new();
        private double _sum;
        private long _count;

        public void Take(double value, bool replaces)
        {
            lock (_gate)
            {
                _sum = replaces ? value : _sum + value;
                _count++;
                if (bounds is null) return;
                var bucket = Array.FindIndex(bounds, b => value <= b);
                if (bucket >= 0) _buckets[bucket]++;
            }
        }

        public void Write(StringBuilder text, string name, string tags)
        {
            lock (_gate)
            {
                var braces = tags.Length == 0 ? "" : $"{{{tags}}}";
                if (bounds is null)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{braces} {_sum:R}\n");
                    return;
                }
                var (below, comma) = (0L, tags.Length == 0 ? "" : tags + ",");
                for (var i = 0; i < bounds.Length; i++) text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{comma}le=\"{bounds[i]:R}\"}} {below += _buckets[i]}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{comma}le=\"+Inf\"}} {_count}\n{name}_sum{braces} {_sum:R}\n{name}_count{braces} {_count}\n");
            }
        }
    }
}

internal static class MetricsSetup
{
    public static IServiceCollection AddMetricsText(this IServiceCollection services) => services.AddSingleton<MetricsText>();

    /// <summary>For whoever may read: the fallback policy asks for a signed-in user or a key with the read scope.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<MetricsText>(); // listens from the start, not from the first reader
        routes.MapGet("/metrics", (MetricsText metrics) => Results.Text(metrics.Write(), "text/plain; version=0.0.4")).ExcludeFromDescription();
    }
}
