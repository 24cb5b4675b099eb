using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>
/// Scores live decisions with a candidate and the live model. It reads them from the journal after they were answered, through the
/// encoder that serving uses: a decision knows nothing of it, waits for nothing and allocates nothing for it.
/// </summary>
internal sealed class Shadowing(BlueprintContent blueprint, VersionTable versions, ExampleSet examples, Outcome outcome, TimeProvider clock)
{
    private readonly ImmutableArray<string> _options = [.. blueprint.Options.Select(o => o.Key)];

    private readonly record struct Scores(double[] Given, int[] Best, double Microseconds);

    /// <param name="target">What the candidate predicts.</param>
    /// <param name="profile">Where it learned.</param>
    public ShadowComparison Compare(TrainedPredictor candidate, LiveModel live, Target target, ServedProfile profile)
    {
        var (a, b) = (Score(candidate), Score(live.Predictor));
        var defined = Enumerable.Range(0, examples.Rows).Where(i => double.IsFinite(a.Given[i]) && double.IsFinite(b.Given[i])).ToArray();
        var closed = defined.Where(i => double.IsFinite(examples.Label(0, i))).ToArray();
        double[] Losses(double[] given) => [.. closed.Select(i => RowLoss.Of(target, examples.Label(0, i), given[i]))];
        var (mine, theirs) = (Losses(a.Given), Losses(b.Given));
        var gain = Gate.Difference(theirs, mine, [.. closed.Select(examples.Unit)]);
        return new(
            Time(0), Time(examples.Rows - 1), live.Number, examples.Rows, a.Given.Count(p => !double.IsFinite(p)),
            _options.IsEmpty ? double.NaN : Mean(Enumerable.Range(0, examples.Rows).Select(i => a.Best[i] == b.Best[i] ? 1.0 : 0)),
            Mean(defined.Select(i => a.Given[i])), Mean(defined.Select(i => b.Given[i])), Coverage(candidate, profile), closed.Length, Mean(mine), Mean(theirs),
            new(gain.Mean, gain.Low, gain.High), a.Microseconds, b.Microseconds);
    }

    private Scores Score(TrainedPredictor predictor)
    {
        var (given, best) = (new double[examples.Rows], new int[examples.Rows]);
        var encoders = new Dictionary<int, ModelEncoder>();
        var row = new double[predictor.Columns.Length];
        var sign = outcome.Better == Direction.Higher ? 1 : -1;
        var started = clock.GetTimestamp();
        for (var i = 0; i < given.Length; i++)
        {
            var then = versions.Find(examples.Version(i))!;
            if (!encoders.TryGetValue(examples.Version(i), out var encoder))
                encoders[examples.Version(i)] = encoder = new ModelEncoder(predictor.Columns, then.AllFeatures, [.. then.Options.Select(o => o.Key)]);
            encoder.Encode(examples.Served(i), row);
            if (then.Options.IsEmpty)
            {
                given[i] = predictor.Predict(row);
                continue;
            }
            var top = double.NegativeInfinity;
            for (var option = 0; option < then.Options.Length; option++)
            {
                encoder.SetOption(option, row);
                var prediction = predictor.Predict(row);
                if (option == examples.Option(i)) given[i] = prediction;
                if (sign * prediction > top) (top, best[i]) = (sign * prediction, option);
            }
        }
        var scored = given.Length * Math.Max(1, _options.Length);
        return new(given, best, scored == 0 ? double.NaN : clock.GetElapsedTime(started).TotalMicroseconds / scored);
    }

    private ImmutableArray<FeatureCoverage> Coverage(TrainedPredictor candidate, ServedProfile profile)
    {
        var counter = profile.Counter();
        foreach (var i in ServedProfile.OnePerUnitAndDay(examples, [.. Enumerable.Range(0, examples.Rows)])) counter.Add(versions.Find(examples.Version(i))!.AllFeatures, examples.Served(i)); // as the profile counted
        return
        [
            .. profile.Features.Select((f, j) => new FeatureCoverage(f.Name, f.MissingShare, counter.MissingShare(j)))
                .Where(c => candidate.Columns.Any(column => Column.FeatureOf(column.Name) == c.Feature)),
        ];
    }

    private DateTimeOffset Time(int row) => examples.Rows == 0 ? default : new(examples.Ticks(row), TimeSpan.Zero);

    private static double Mean(IEnumerable<double> values)
    {
        var (sum, n) = (0.0, 0);
        foreach (var value in values) (sum, n) = (sum + value, n + 1);
        return n == 0 ? double.NaN : sum / n;
    }
}
