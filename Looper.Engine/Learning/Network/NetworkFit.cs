using Looper.Core.Learning.Trees;
using Looper.Core.Numerics;

namespace Looper.Core.Learning.Network;

/// <summary>One member on its way: AdamW over shuffled batches; gradients are summed in blocks of 64 rows and then in the blocks' order.</summary>
internal sealed class NetworkFit
{
    private const int Batch = 512, Block = 64, Blocks = Batch / Block;
    private const double Rate = 1e-3, Decay = 1e-4, Beta1 = 0.9, Beta2 = 0.999, Dropout = 0.1;
    private readonly Layers _layers;
    private readonly DataSet _data;
    private readonly Objective _objective;
    private readonly long _seed;
    private readonly double[] _m, _v;
    private readonly double[][] _gradients;
    private int _step;

    public NetworkFit(Layers layers, DataSet data, Objective objective, double[] start, long seed)
    {
        (_layers, _data, _objective, _seed) = (layers, data, objective, seed);
        (_m, _v) = (new double[layers.Parameters], new double[layers.Parameters]);
        _gradients = [.. Enumerable.Range(0, Blocks).Select(_ => new double[layers.Parameters])];
        Parameters = Initial(start);
    }

    public double[] Parameters { get; }

    public void Epoch(int epoch, Workers workers)
    {
        int[] order = [.. Enumerable.Range(0, _data.Rows)];
        new Philox(_seed, "epoch", epoch).Shuffle(order.AsSpan());
        for (var from = 0; from < order.Length; from += Batch)
        {
            var rows = order.AsMemory(from, Math.Min(Batch, order.Length - from));
            var batch = (long)epoch * order.Length + from;
            workers.Each((rows.Length + Block - 1) / Block, b =>
            {
                var gradient = _gradients[b];
                Array.Clear(gradient);
                var random = new Philox(_seed, "dropout", batch + b);
                var part = rows.Span.Slice(b * Block, Math.Min(Block, rows.Length - b * Block));
                AddGradient(part, gradient, random);
            });
            Advance((rows.Length + Block - 1) / Block, rows.Length);
        }
    }

    /// <summary>Adds the gradient of the summed loss of some rows; without a stream nothing is dropped.</summary>
    public void AddGradient(ReadOnlySpan<int> rows, double[] gradient, Philox? random)
    {
        double[] row = new double[_data.Columns.Length], x = new double[_layers.Width], h1 = new double[Layers.First], h2 = new double[Layers.Second];
        double[] scores = new double[_layers.Padded], byScores = new double[_layers.Padded], kept = new double[_layers.Width];
        Array.Fill(kept, 1);
        foreach (var i in rows)
        {
            _data.CopyRow(i, row);
            _layers.Encode(Parameters, row, x);
            for (var k = 0; random is not null && k < x.Length; k++) x[k] *= kept[k] = random.NextUInt32() < Dropout * uint.MaxValue ? 0 : 1 / (1 - Dropout);
            _layers.Forward(Parameters, x, h1, h2, scores);
            ByScores(_objective, _data.Labels[i], scores.AsSpan(0, _layers.Outputs), byScores);
            if (_data.Weights is { } weights) for (var k = 0; k < _layers.Outputs; k++) byScores[k] *= weights[i];
            _layers.Backward(Parameters, row, x, kept, h1, h2, byScores, gradient);
        }
    }

    private static void ByScores(Objective objective, double label, Span<double> scores, Span<double> derivatives)
    {
        Links.Apply(objective, scores);
        for (var k = 0; k < scores.Length; k++) derivatives[k] = scores[k] - (objective == Objective.Multiclass ? label == k ? 1 : 0 : label);
    }

    // Loshchilov & Hutter 2019: the decay acts on the parameters, not through the gradient.
    private void Advance(int blocks, int rows)
    {
        _step++;
        double c1 = 1 - Math.Pow(Beta1, _step), c2 = 1 - Math.Pow(Beta2, _step);
        for (var k = 0; k < Parameters.Length; k++)
        {
            var g = 0.0;
            for (var b = 0; b < blocks; b++) g += _gradients[b][k];
            g /= rows;
            _m[k] = Beta1 * _m[k] + (1 - Beta1) * g;
            _v[k] = Beta2 * _v[k] + (1 - Beta2) * g * g;
            Parameters[k] -= Rate * (_m[k] / c1 / (Math.Sqrt(_v[k] / c2) + 1e-8) + Decay * Parameters[k]);
        }
    }

    // He et al. 2015: variance 2 / inputs; the last layer starts at the best constant.
    private double[] Initial(double[] start)
    {
        var (p, random) = (new double[_layers.Parameters], new Philox(_seed, "initial"));
        for (var k = 0; k < _layers.W1; k++) p[k] = 0.3 * random.Normal();
        for (var k = _layers.W1; k < _layers.B1; k++) p[k] = Math.Sqrt(2.0 / _layers.Width) * random.Normal();
        for (var k = _layers.W2; k < _layers.B2; k++) p[k] = Math.Sqrt(2.0 / Layers.First) * random.Normal();
        for (var i = 0; i < Layers.Second; i++)
            for (var k = 0; k < _layers.Outputs; k++) p[_layers.W3 + i * _layers.Padded + k] = 0.1 * random.Normal();
        start.CopyTo(p, _layers.B3);
        return p;
    }
}
