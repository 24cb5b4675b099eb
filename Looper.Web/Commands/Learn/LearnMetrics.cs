using Looper.Core.Learning;

namespace Looper.Web.Commands.Learn;

/// <summary>The figures of a report, by task. Undefined ones are NaN here and null in the file.</summary>
internal static class LearnMetrics
{
    public static SortedDictionary<string, double> Of(LearnPlan plan, LearnData data, double[][] predictions)
    {
        var known = Enumerable.Range(0, data.Test.Rows).Where(i => double.IsFinite(data.Test.Labels[i])).ToArray();
        var labels = Array.ConvertAll(known, i => data.Test.Labels[i]);
        var answers = Array.ConvertAll(known, i => predictions[i][^1]);
        var figures = new SortedDictionary<string, double> { ["rows"] = known.Length };
        if (known.Length == 0) return figures;
        switch (plan.Objective)
        {
            case Objective.Binary:
                var b = BinaryMetrics.Of(labels, answers);
                (figures["auc"], figures["aucLow"], figures["aucHigh"]) = (b.Auc, b.AucLow, b.AucHigh);
                (figures["logLoss"], figures["brier"], figures["averagePrecision"]) = (b.LogLoss, b.Brier, b.AveragePrecision);
                (figures["calibrationError"], figures["constantLogLoss"]) = (b.CalibrationError, b.ConstantLogLoss);
                break;
            case Objective.Multiclass:
                figures["logLoss"] = known.Average(i => Metrics.LogLoss(1, predictions[i][(int)data.Test.Labels[i]]));
                figures["accuracy"] = known.Average(i => Array.IndexOf(predictions[i], predictions[i].Max()) == (int)data.Test.Labels[i] ? 1.0 : 0);
                break;
            default:
                var v = ValueMetrics.Of(labels, answers);
                (figures["rmse"], figures["mae"], figures["r2"], figures["constantRmse"]) = (v.Rmse, v.Mae, v.R2, v.ConstantRmse);
                if (plan.Objective == Objective.Poisson) figures["poissonDeviance"] = Metrics.PoissonDeviance(labels, answers);
                if (plan.Objective != Objective.Quantile) break;
                figures["pinball"] = Metrics.Pinball(labels, answers, plan.Quantile);
                figures["coverage"] = known.Average(i => data.Test.Labels[i] <= predictions[i][0] ? 1.0 : 0);
                break;
        }
        return figures;
    }
}
