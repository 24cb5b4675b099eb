using System.Collections.Immutable;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

/// <summary>Lines over time or another ordered axis, each with a band where it has bounds.</summary>
public sealed record LineChart(string Question, Axis XAxis, Axis YAxis, ImmutableArray<string> X, ImmutableArray<Series> Lines) : Chart(Question)
{
    public ImmutableArray<Mark> Marks { get; init; } = [];

    /// <summary>Shares that add up: filled, one on the other.</summary>
    public bool Stacked { get; init; }

    public override ChartTable Table => Tables.OfSeries(XAxis, YAxis, X, Lines);
}

/// <summary>Bars from zero; lying when names are long, stacked when the parts add up.</summary>
public sealed record BarChart(string Question, Axis XAxis, Axis YAxis, ImmutableArray<string> X, ImmutableArray<Series> Bars) : Chart(Question)
{
    public bool Lying { get; init; }

    public bool Stacked { get; init; }

    public ImmutableArray<Mark> Marks { get; init; } = [];

    public override ChartTable Table => Tables.OfSeries(XAxis, YAxis, X, Bars);
}

/// <summary>One effect with its interval. The tone follows the outcome's better direction, not the sign.</summary>
public sealed record EffectPoint(string Label, double Effect, double Low, double High)
{
    public Tone Tone { get; init; } = Tone.Unsure;

    /// <summary>What the number rests on, counted in <see cref="EffectChart.Counted"/>.</summary>
    public long Units { get; init; }

    /// <summary>Known truth of simulated data, shown beside the estimate.</summary>
    public double Truth { get; init; } = double.NaN;
}

/// <summary>Effects with intervals, one under the other, with the zero line (K1, K19, K20).</summary>
/// <param name="Unit">Of the effect: <c>%</c> (values are fractions), <c>pp</c> (fractions), or the outcome's unit.</param>
public sealed record EffectChart(string Question, string Unit, ImmutableArray<EffectPoint> Points) : Chart(Question)
{
    /// <summary>The worsening still accepted, drawn as a dotted line; NaN for none.</summary>
    public double Margin { get; init; } = double.NaN;

    /// <summary>Where "no effect" lies: 0 for differences; NaN draws no line (values of policies).</summary>
    public double Zero { get; init; }

    /// <summary>One of what the points rest on.</summary>
    public string Counted { get; init; } = "unit";

    /// <summary>The points are values in their own right, not changes: no sign, no line at zero.</summary>
    internal bool IsOfValues => double.IsNaN(Zero);

    public override ChartTable Table => ChartTable.Of(Points, [
        (IsOfValues ? "Policy" : "Comparison", p => p.Label),
        (IsOfValues ? $"Value ({Unit})" : $"Change ({Unit})", p => IsOfValues ? Tables.Value(p, Unit) : Tables.Effect(p, Unit)),
        .. (Points.Any(p => p.Units > 0) ? [($"{char.ToUpperInvariant(Counted[0])}{Counted[1..]}s", (Func<EffectPoint, string>)(p => Shown.Count(p.Units)))] : Array.Empty<(string, Func<EffectPoint, string>)>()),
        .. (Points.Any(p => !double.IsNaN(p.Truth)) ? [("Truth", (Func<EffectPoint, string>)(p => Tables.OneEffect(p.Truth, Unit)))] : Array.Empty<(string, Func<EffectPoint, string>)>())]);
}

/// <summary>Counts, or shares, per bin; the edges are one more.</summary>
public sealed record HistogramChart(string Question, Axis XAxis, ImmutableArray<double> Edges, ImmutableArray<double> Counts) : Chart(Question)
{
    public Axis YAxis { get; init; } = new("Count");

    /// <summary>A dotted vertical line: a window, an average; NaN for none.</summary>
    public double At { get; init; } = double.NaN;

    public string? AtLabel { get; init; }

    public override ChartTable Table => ChartTable.Of(Enumerable.Range(0, Counts.Length),
        ($"{XAxis.Title} from", i => Tables.Write(Edges[i], XAxis)), ("to", i => Tables.Write(Edges[i + 1], XAxis)), (YAxis.Title, i => Bar(i)));

    internal string Bar(int i) => YAxis.Kind == AxisKind.Percent ? Shown.Percent(Counts[i]) : Shown.Count(Counts[i]);
}

/// <summary>One bin of a calibration: what was predicted, what happened, how often.</summary>
public sealed record CalibrationBin(double Predicted, double Observed, double Low, double High, long Count);

/// <summary>Predicted against observed with the diagonal (K9); bins below twenty are hollow.</summary>
public sealed record CalibrationChart(string Question, ImmutableArray<CalibrationBin> Bins) : Chart(Question)
{
    /// <summary>Probabilities are shown as percent; numbers (K10) as they are.</summary>
    public bool IsProbability { get; init; } = true;

    /// <summary>The same before predictions were corrected; empty where they were not.</summary>
    public ImmutableArray<CalibrationBin> Before { get; init; } = [];

    public override ChartTable Table
    {
        get
        {
            var all = Bins.Select(b => (Set: "after", Bin: b)).Concat(Before.Select(b => (Set: "before", Bin: b)));
            (string, Func<(string Set, CalibrationBin Bin), string>)[] set = Before.IsEmpty ? [] : [("Correction", r => r.Set)];
            return ChartTable.Of(all, [("Predicted", r => One(r.Bin.Predicted)), ("Observed", r => One(r.Bin.Observed)),
                ("From", r => One(r.Bin.Low)), ("To", r => One(r.Bin.High)), ("Examples", r => Shown.Count(r.Bin.Count)), .. set]);
        }
    }

    private string One(double value) => IsProbability ? Shown.Percent(value) : Shown.Number(value);
}
