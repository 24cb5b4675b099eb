using Looper.Core.Numerics;

namespace Looper.Core.Learning.Trees;

/// <summary>Log loss of K classes on K scores: g_k = p_k − 1[y = k], h_k = K/(K−1)·p_k(1 − p_k).</summary>
internal sealed class SoftmaxLoss(double[] labels, double[]? weights, int classes) : Loss(labels, weights)
{
    private readonly double[] _greatest = new double[labels.Length], _sum = new double[labels.Length];

    public override int Outputs => classes;

    public override double[] Start()
    {
        // a class without rows starts at half a row: its log prior stays finite
        var shares = new double[classes];
        for (var i = 0; i < Labels.Length; i++) shares[(int)Labels[i]] += Weight(i);
        return [.. shares.Select(s => Elementary.Log(Math.Max(s, 0.5) / TotalWeight))];
    }

    public override void BeginRound(double[][] scores, Workers workers) => workers.Stretches(Labels.Length, (from, to) =>
    {
        for (var i = from; i < to; i++) (_greatest[i], _sum[i]) = Normaliser(scores, i);
    });

    public override void Derivatives(int output, double[][] scores, double[] g, double[] h, int from, int to)
    {
        var factor = classes / (classes - 1.0);
        for (var i = from; i < to; i++)
        {
            var p = Elementary.Exp(scores[output][i] - _greatest[i]) / _sum[i];
            (g[i], h[i]) = ((p - (Labels[i] == output ? 1 : 0)) * Weight(i), factor * p * (1 - p) * Weight(i));
        }
    }

    public override double Sum(double[][] scores, int from, int to)
    {
        var total = 0.0;
        for (var i = from; i < to; i++)
        {
            var (greatest, sum) = Normaliser(scores, i);
            total += Weight(i) * (Elementary.Log(sum) + greatest - scores[(int)Labels[i]][i]);
        }
        return total;
    }

    private static (double Greatest, double Sum) Normaliser(double[][] scores, int row)
    {
        var greatest = scores[0][row];
        foreach (var s in scores) greatest = Math.Max(greatest, s[row]);
        var sum = 0.0;
        foreach (var s in scores) sum += Elementary.Exp(s[row] - greatest);
        return (greatest, sum);
    }
}
