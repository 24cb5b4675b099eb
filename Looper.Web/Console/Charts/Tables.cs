using System.Collections.Immutable;
using System.Globalization;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

internal static class Tables
{
    public static ChartTable OfSeries(Axis x, Axis y, ImmutableArray<string> keys, ImmutableArray<Series> series)
    {
        string[] Heads(Series one) => one.Low.IsEmpty ? [one.Name] : [one.Name, $"{one.Name}: from", "to"];
        string[] Cells(Series one, int i) => one.Low.IsEmpty ? [Write(one.Values[i], y)] : [Write(one.Values[i], y), Write(one.Low[i], y), Write(one.High[i], y)];
        return new([x.Title, .. series.SelectMany(Heads)],
            [.. Keys(keys, x).Select((key, i) => (ImmutableArray<string>)[key, .. series.SelectMany(one => Cells(one, i))])]);
    }

    public static string Write(double value, Axis axis) => axis.Kind == AxisKind.Percent ? Shown.Percent(value) : Shown.Number(value);

    public static string Effect(EffectPoint p, string unit) => unit switch
    {
        "%" => Shown.Effect(p.Effect, p.Low, p.High),
        "pp" => Shown.Points(p.Effect, p.Low, p.High),
        _ => Shown.Difference(p.Effect, p.Low, p.High),
    };

    /// <summary>A value with its interval, without a sign.</summary>
    public static string Value(EffectPoint p, string unit) => Shown.Interval(p.Effect, p.Low, p.High, unit == "%");

    public static string OneEffect(double value, string unit) => Effect(new("", value, double.NaN, double.NaN), unit);

    /// <summary>Times to the minute; to the second where two of them would read alike.</summary>
    private static IEnumerable<string> Keys(ImmutableArray<string> keys, Axis x)
    {
        if (x.Kind != AxisKind.Time) return keys;
        var times = keys.Select(key => DateTimeOffset.TryParse(key, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : (DateTimeOffset?)null).ToList();
        var isFine = times.Distinct().Count() > times.Select(at => at is { } time ? Shown.Time(time) : null).Distinct().Count();
        return keys.Select((key, i) => times[i] is not { } at ? key : isFine ? Shown.Second(at) : Shown.Time(at));
    }
}
