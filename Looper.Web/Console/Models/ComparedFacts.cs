using System.Globalization;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Serving;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Models;

/// <summary>One line of a comparison.</summary>
internal sealed record ComparedFact(string Name, string A, string B)
{
    /// <summary>Marked on screen.</summary>
    public bool Differs => A != B;
}

/// <summary>Two models' figures, data and settings, a line each.</summary>
internal static class ComparedFacts
{
    public static IEnumerable<ComparedFact> Of(ModelComparisonView view)
    {
        ComparedFact Fact(string name, Func<ModelDetailView, string?> of) => new(name, Known(of(view.A)), Known(of(view.B)));
        yield return Fact("Predicts", d => d.Model.Outcome);
        yield return Fact("State", d => d.Model.State.ToString());
        yield return Fact("Made (UTC)", d => Shown.Time(d.Model.TrainedAt));
        foreach (var metric in view.Metrics.Where(m => !QualityMetric.IsOfTheGate(m.Name)))
            yield return Fact(MetricNames.Of(metric.Name), d => d.Model.Quality is { IsEnough: true } q ? q.Of(metric.Name) is { } m ? MetricNames.Written(m) : null : "Not enough data");
        yield return Fact("Newest examples", d => d.Model.Quality is { } q ? Shown.Count(q.Rows) : null);
        yield return Fact("Examples", d => Shown.Count(d.Model.Rows));
        yield return Fact("Data (UTC)", d => $"{Shown.Time(d.Model.DataFrom)} to {Shown.Time(d.Model.DataUntil)}");
        yield return Fact("Blueprint version", d => d.Model.BlueprintVersion.ToString(CultureInfo.InvariantCulture));
        yield return Fact("Known outcome", d => d.Data is { } data ? $"{Shown.Percent(data.JoinRate)} of the decisions read" : null);
        yield return Fact("Outcome", d => d.Data is { } data ? OutcomeWords.Of(data.Outcome, d.Model.Quality?.Task) : null);
        yield return Fact("Kind", d => d.Lineage?.Learner);
        yield return Fact("Rounds", d => d.Lineage is { Rounds: > 0 } l ? Shown.Count(l.Rounds) : null);
        yield return Fact("Leaves at most", d => d.Lineage is { Rounds: > 0 } l ? Shown.Count(l.Leaves) : null);
        yield return Fact("Step", d => d.Lineage is { Rounds: > 0 } l ? Shown.Number(l.LearningRate) : null);
        yield return Fact("Settings tried", d => d.Preparation.Trials.Length > 0 ? Shown.Count(d.Preparation.Trials.Length) : null);
        yield return Fact("Correction", d => d.Lineage?.Calibration);
        yield return Fact("Scores a row in", d => d.Lineage is { } l ? $"{Shown.Number(l.ScoringMicroseconds)} µs" : null);
        yield return Fact("Size", d => $"{Shown.Count(Math.Ceiling(d.Model.ArtefactBytes / 1024.0))} kB");
        yield return Fact("Features", d => Shown.Count(FeaturesOf(d).Count(f => f != ModelEncoder.OptionColumn)));
        yield return Fact("Only this one uses", d => string.Join(", ", Only(view, d)));
        yield return Fact("Verdict of the rule", d => d.Evidence.Verdict);
    }

    private static IEnumerable<string> Only(ModelComparisonView view, ModelDetailView one)
    {
        var other = ReferenceEquals(one, view.A) ? view.B : view.A;
        return FeaturesOf(one).Except(FeaturesOf(other)).Select(MetricNames.Feature);
    }

    private static IEnumerable<string> FeaturesOf(ModelDetailView one) => one.Columns.Select(c => Column.FeatureOf(c.Name)).Distinct();

    private static string Known(string? text) => string.IsNullOrEmpty(text) ? Shown.Nothing : text;
}
