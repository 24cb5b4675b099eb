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
        void Add(string name, Spread spread) => (figures[name], figures[name + "Low"], figures[name + "High"]) = (spread.Mean, spread.Low, spread.High);
        switch (plan.Objective)
        {
            case Objective.Binary:
                var b = BinaryMetrics.Of(labels, answers);
                (figures["auc"], figures["aucLow"], figures["aucHigh"]) = (b.Auc, b.AucLow, b.AucHigh);
                Add("logLoss", new(b.LogLoss, b.LogLossLow, b.LogLossHigh));
                Add("brier", b.BrierSpread);
                Add("averagePrecision", b.PrecisionSpread);
                (figures["calibrationError"], figures["constantLogLoss"]) = (b.CalibrationError, b.ConstantLogLoss);
                break;
            case Objective.Multiclass:
                var c = ClassMetrics.Of(labels, Array.ConvertAll(known, i => predictions[i]));
                Add("logLoss", c.LogLoss);
                Add("accuracy", c.Accuracy);
                figures["constantLogLoss"] = c.ConstantLogLoss;
                break;
            default:
                var v = ValueMetrics.Of(labels, answers);
                Add("rmse", new(v.Rmse, v.RmseLow, v.RmseHigh));
                Add("mae", new(v.Mae, v.MaeLow, v.MaeHigh));
                (figures["r2"], figures["constantRmse"]) = (v.R2, v.ConstantRmse);
                if (plan.Objective == Objective.Poisson) figures["poissonDeviance"] = Metrics.PoissonDeviance(labels, answers);
                if (plan.Objective != Objective.Quantile) break;
                figures["pinball"] = Metrics.Pinball(labels, answers, plan.Quantile);
                Add("coverage", Spread.OfShare(known.Count(i => data.Test.Labels[i] <= predictions[i][0]), known.Length));
                break;
        }
        return figures;
    }
}
