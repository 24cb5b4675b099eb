using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;

namespace Looper.Core.Experiments;

/// <summary>Reads what was known of a unit before its arm acted: features as served at its first decision.
/// Each covariate takes two columns, its value (0 where missing) and whether it was missing: the same fit as filling in the mean.</summary>
/// <param name="covariates">Names of number or yes/no features.</param>
/// <param name="modelScore">One more covariate; null for none.</param>
/// <param name="features">The features of each blueprint version, in its order: served rows are read by the version that wrote them.</param>
public sealed class CovariateReader(ImmutableArray<string> covariates, IReadOnlyDictionary<int, ImmutableArray<Feature>> features, ModelScore? modelScore = null)
{
    /// <summary>How reports name the model's score.</summary>
    public const string ModelScore = "model score";

    private readonly Dictionary<int, int[]> _columns = features.ToDictionary(
        v => v.Key, v => v.Value.Select(f => covariates.IndexOf(f.Name)).ToArray());

    /// <summary>Nothing to read.</summary>
    public static CovariateReader None { get; } = new([], ImmutableDictionary<int, ImmutableArray<Feature>>.Empty);

    /// <summary>What the columns hold, two each.</summary>
    public ImmutableArray<string> Names { get; } = modelScore is null ? covariates : covariates.Add(ModelScore);

    /// <summary>Why the model's score is known of no unit; null where it is, or is not asked for.</summary>
    public string? WhyNoScore => modelScore?.Why;

    /// <summary>Columns written per unit.</summary>
    public int Width => 2 * Names.Length;

    /// <param name="row">Length <see cref="Width"/>, overwritten.</param>
    public void Read(DecisionRecord decision, Span<double> row)
    {
        if (Width == 0) return;
        row.Clear();
        for (var i = 1; i < row.Length; i += 2) row[i] = 1;
        if (_columns.TryGetValue(decision.BlueprintVersion, out var columns)) ReadServed(decision, columns, row);
        if (modelScore is not null) Put(row, covariates.Length, modelScore.Of(decision));
    }

    private static void ReadServed(DecisionRecord decision, int[] columns, Span<double> row)
    {
        var reader = new ServedRowReader(decision.Served.Span);
        for (var i = 0; i < columns.Length && reader.Read(); i++)
        {
            if (columns[i] < 0) continue;
            Put(row, columns[i], reader.Kind switch
            {
                ServedKind.Number => reader.Number,
                ServedKind.True => 1,
                ServedKind.False => 0,
                _ => double.NaN,
            });
        }
    }

    private static void Put(Span<double> row, int covariate, double value)
    {
        if (!double.IsFinite(value)) return;
        (row[2 * covariate], row[2 * covariate + 1]) = (value, 0);
    }
}
