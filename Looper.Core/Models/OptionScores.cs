using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;

namespace Looper.Core.Models;

/// <summary>What a model predicts for every option of the current blueprint, row by row.</summary>
internal sealed class OptionScores(BlueprintContent current, VersionTable versions, ExampleSet examples, Direction better)
{
    /// <summary>Per row the option with the best prediction; the first of equals, 0 for a model that knows no options.</summary>
    public int[] Best(TrainedPredictor predictor, ReadOnlySpan<int> rows)
    {
        var encoders = new Dictionary<int, ModelEncoder>();
        var row = new double[predictor.Columns.Length];
        var best = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var version = examples.Version(rows[i]);
            if (!encoders.TryGetValue(version, out var encoder))
                encoders[version] = encoder = new(predictor.Columns, versions.Find(version)!.AllFeatures, [.. current.Options.Select(o => o.Key)]);
            encoder.Encode(examples.Served(rows[i]), row);
            var highest = double.NegativeInfinity;
            for (var option = 0; option < current.Options.Length; option++)
            {
                encoder.SetOption(option, row);
                var prediction = better == Direction.Higher ? predictor.Predict(row) : -predictor.Predict(row);
                if (prediction > highest) (highest, best[i]) = (prediction, option);
            }
        }
        return best;
    }
}
