using System.Collections.Immutable;
using Looper.Core.Statistics;

namespace Looper.Core.Experiments;

/// <summary>The same comparison with nothing taken out, with the covariates, with the model's score as well, and weighted over strata.</summary>
/// <param name="covariates">What may be adjusted for, in the order of the columns.</param>
/// <param name="strata">Number of the feature whose segments are the strata; −1 for none.</param>
/// <param name="before">p of each metric's own time before being alike in all arms.</param>
internal sealed class Adjustments(ReportSettings settings, ImmutableArray<CovariateFigures> covariates, int strata, ImmutableArray<(string Metric, double P)> before)
{
    public const string None = "none", Covariates = "covariates", ModelScore = "model-score", PostStrata = "post-strata", ByEpoch = "epochs", Weighted = "adaptively-weighted";

    /// <summary>Columns of a metric's joint moments that may be adjusted for: of covariates alike in all arms, and its own time before.</summary>
    public ImmutableArray<int> Columns(MetricSums sums, bool withScore = true)
    {
        var columns = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < covariates.Length; i++)
            if (covariates[i].IsUsed && (withScore || covariates[i].Name != CovariateReader.ModelScore)) columns.AddRange(1 + 2 * i, 2 + 2 * i);
        if (sums.Spec.Before >= 0 && !before.Any(b => b.Metric == sums.Outcome.Name && b.P < CovariateBalance.Alarm)) columns.Add(1 + 2 * covariates.Length);
        return columns.ToImmutable();
    }

    public ImmutableArray<AdjustedFigures> Of(MetricSums sums, int arm, Readings readings, EffectPair effects)
    {
        var list = ImmutableArray.CreateBuilder<AdjustedFigures>();
        var score = covariates.Any(c => c.Name == CovariateReader.ModelScore);
        List<string> known = [.. covariates.Where(c => c.IsUsed && c.Name != CovariateReader.ModelScore).Select(c => c.Name)];
        if (sums.Spec.Before >= 0) known.Add($"{sums.Outcome.Name} before exposure");
        if (known.Count > 0) list.Add(Of(Covariates, $"Less what {string.Join(", ", known)} foretold.", sums, arm, readings, Columns(sums, withScore: false)));
        if (score)
        {
            var used = covariates.Single(c => c.Name == CovariateReader.ModelScore);
            list.Add(used.IsUsed
                ? Of(ModelScore, $"Less what the model’s score at exposure{(known.Count > 0 ? ", with the covariates," : "")} foretold.", sums, arm, readings, Columns(sums))
                : new(ModelScore, used.Sentence, Undefined(readings, Scale.Absolute, Cause.NotTakenOut), Undefined(readings, Scale.Relative, Cause.NotTakenOut), double.NaN));
        }

        if (strata >= 0 && sums.Segments is { Length: > 0 } all && !sums.Spec.IsRatio) list.Add(Stratified(all[strata], sums, arm, readings, effects));
        if (!sums.Epochs.IsEmpty)
        {
            var (epochs, epochsLift) = Changing.ByEpoch(sums, arm, readings);
            list.Add(new(ByEpoch, "Each stretch with the same shares by itself, then added up by the units that both arms have in it. Holds also when outcomes change with time.", epochs, epochsLift, double.NaN));
            var (weighted, weightedLift) = Changing.Adaptive(sums, arm, readings);
            list.Add(new(Weighted, "Units weighted by the chances they had of both arms. Holds when shares follow the outcomes, also when outcomes change with time as long as they do in both arms alike.", weighted, weightedLift, double.NaN));
        }

        if (list.Count > 0) list.Insert(0, new(None, "As it was observed.", effects.PlainAbsolute, effects.PlainRelative, 0));
        return list.ToImmutable();
    }

    private static AdjustedFigures Of(string name, string sentence, MetricSums sums, int arm, Readings readings, ImmutableArray<int> columns) =>
        Comparisons.Adjusted(sums, arm, columns) is { } adjusted
            ? new(name, sentence, readings.Absolute(adjusted.Absolute, sums.Summary(0).Value, null), readings.Adjusted(adjusted.Relative, sums.Summary(0)), adjusted.VarianceSaved)
            : new(name, sentence + " It cannot be computed.", Undefined(readings, Scale.Absolute), Undefined(readings, Scale.Relative), double.NaN);

    private AdjustedFigures Stratified(Moments[][] cells, MetricSums sums, int arm, Readings readings, EffectPair effects)
    {
        var (absolute, relative) = PostStratification.Between([.. cells.Select(c => new Stratum(c[0], c[arm])).Where(s => s.Control.Count + s.Treatment.Count > 0)],
            sums.Outcome.Kind == Blueprints.OutcomeKind.Boolean && sums.Arms.All(a => MetricSums.IsYesNo(a.Values)));
        var plain = effects.PlainAbsolute.StandardError;
        return new(PostStrata, $"Compared within segments of {settings.Plan.Strata} and weighted by their size.", readings.Absolute(absolute, sums.Summary(0).Value, null), readings.Adjusted(relative, sums.Summary(0)),
            1 - absolute.StandardError * absolute.StandardError / (plain * plain));
    }

    private static EffectFigures Undefined(Readings readings, Scale scale, Cause why = Cause.Singular) => readings.Adjusted(Effect.Undefined(scale, Cuped.Method, why, 0));
}
