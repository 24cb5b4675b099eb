using System.Collections.Immutable;
using Looper.Core.Learning.Network;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>A small multilayer network with category embeddings: three members whose scores are averaged.</summary>
/// <remarks>Numbers enter as the normal score of their rank with an indicator for missing, categories as embeddings of ⌈1.6·levels^0.56⌉ numbers
/// (at most 50); two hidden layers of 64 and 32, ReLU, 10 % of the inputs dropped; AdamW, batches of 512, at most 100 epochs, stopped after 8
/// without improvement on the validation rows (every seventh row where none are given). The bytes do not depend on the number of threads.</remarks>
public sealed class SmallNetwork : ILearner
{
    private const int Members = 3, Epochs = 100, Patience = 8, Held = 7, MostWidth = 4_000;

    /// <inheritdoc/>
    public IPredictor Fit(
        DataSet train, DataSet? validation, LearnerSettings settings, long seed, Action<FitProgress>? progress, CancellationToken cancel)
    {
        if (settings.Objective is not (Objective.Binary or Objective.Multiclass or Objective.Squared or Objective.Poisson))
            throw TrainingChecks.Refused("family-unsuited", $"A network does not learn {settings.Objective}; use boosted trees.");
        TrainingChecks.Demand(train, validation, settings);
        if (train.Values.All(v => v.All(x => x.Equals(v[0])))) throw TrainingChecks.Refused("no-signal", "Every column is constant or empty: there is nothing to learn from.");
        if (validation is not { Rows: > 0 })
        {
            // only how long to train is judged here: on drifting data the newest rows would end it at once
            int[] Rows(bool held) => [.. Enumerable.Range(0, train.Rows).Where(i => i % Held == 0 == held)];
            (train, validation) = (train.Take(Rows(false)), train.Take(Rows(true)));
        }
        var classes = settings.Objective == Objective.Multiclass ? Math.Max(settings.Classes, (int)Math.Max(train.Labels.Max(), validation.Labels.Max()) + 1) : 1;
        ImmutableArray<NetworkInput> inputs = [.. train.Columns.Select((c, j) => NetworkInput.Of(c, train.Values[j]))];
        if (inputs.Sum(i => i.Size) > MostWidth) throw TrainingChecks.Refused("too-wide", $"The columns feed more than {MostWidth} numbers into the network; leave some out.");
        var (scale, shift) = settings.Objective == Objective.Squared ? Unit(train.Labels) : (1, 0);
        var scaled = new DataSet(train.Columns, train.Values, Array.ConvertAll(train.Labels, y => (y - shift) / scale), Normalised(train.Weights));
        var start = BoostingRun.LossOf(scaled, settings with { Classes = classes }, scaled.Weights).Start();
        if (start.Any(s => !double.IsFinite(s))) throw TrainingChecks.Refused("one-label", "The weighted examples have one label only: there is nothing to tell apart.");
        var workers = new Workers(settings.Threads, cancel);
        var layers = new Layers(inputs, classes);
        var members = ImmutableArray.CreateBuilder<ImmutableArray<double>>();
        for (var member = 0; member < Members; member++)
        {
            var fit = new NetworkFit(layers, scaled, settings.Objective, start, seed * Members + member);
            var (best, least, since) = (ImmutableArray<double>.Empty, double.PositiveInfinity, 0);
            for (var epoch = 0; epoch < Epochs && since < Patience; epoch++)
            {
                cancel.ThrowIfCancellationRequested();
                fit.Epoch(epoch, workers);
                var now = ImmutableArray.Create(fit.Parameters);
                var loss = RowLosses.Of(new NetworkPredictor(settings.Objective, inputs, scale, shift, classes, [now]), validation, settings.Objective).Average();
                progress?.Invoke(new(member * Epochs + epoch + 1, Members * Epochs, double.NaN, loss));
                (best, least, since) = loss < least ? (now, loss, 0) : (best, least, since + 1);
            }
            if (best.IsEmpty) throw TrainingChecks.Refused("not-converged", "The network did not settle on these rows; use boosted trees.");
            members.Add(best);
        }
        return new NetworkPredictor(settings.Objective, inputs, scale, shift, classes, members.ToImmutable());
    }

    private static (double Scale, double Shift) Unit(double[] labels)
    {
        var mean = labels.Average();
        var deviation = Math.Sqrt(labels.Average(y => (y - mean) * (y - mean)));
        return deviation > 0 && double.IsFinite(deviation) ? (deviation, mean) : (1, mean);
    }

    private static double[]? Normalised(double[]? weights) => weights is null ? null : [.. weights.Select(w => w * weights.Length / weights.Sum())];
}
