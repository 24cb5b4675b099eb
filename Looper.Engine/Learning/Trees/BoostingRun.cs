using System.Collections.Immutable;

namespace Looper.Core.Learning.Trees;

/// <summary>The state of one fit: scores, derivatives and the trees so far.</summary>
internal sealed class BoostingRun
{
    private readonly BinnedRows _binned;
    private readonly LearnerSettings _settings;
    private readonly Workers _workers;
    private readonly Loss _loss;
    private readonly RowSampling _sampling;
    private readonly TreeGrower _grower;
    private readonly FixedGradients _fixed;
    private readonly double[] _g, _h;
    private double[][] _scores, _next;

    public BoostingRun(DataSet train, BinnedRows binned, LearnerSettings settings, long seed, Workers workers)
    {
        (_binned, _settings, _workers) = (binned, settings, workers);
        var weights = Normalised(train.Weights);
        _loss = LossOf(train, settings, weights);
        _sampling = new(settings, weights, train.Rows, seed);
        _grower = new(binned, settings, workers);
        _fixed = new(train.Rows);
        (_g, _h) = (new double[train.Rows], new double[train.Rows]);
        Levels = WarmStart.Levels(settings.StartFrom, binned, _loss.Outputs);
        Start = settings.StartFrom?.Start ?? [.. _loss.Start()];
        _scores = WarmStart.Scores(settings.StartFrom, Start, train, workers);
        _next = _loss.Outputs > 1 ? [.. _scores.Select(s => (double[])s.Clone())] : _scores;
    }

    public List<Tree> Trees { get; } = [];

    public ImmutableArray<double> Start { get; }

    public ImmutableArray<ImmutableArray<short>> Levels { get; }

    public int Outputs => _loss.Outputs;

    public double TrainLoss() => _loss.Mean(_scores, _workers);

    /// <summary>Adds one tree per output; false, and nothing added, when no tree finds a cut.</summary>
    public bool Round(int round, ValidationWatch? watch)
    {
        _loss.BeginRound(_scores, _workers);
        var trees = new Tree[Outputs];
        var cut = false;
        for (var k = 0; k < Outputs; k++)
        {
            var number = round * Outputs + k;
            _workers.Stretches(_g.Length, (from, to) => _loss.Derivatives(k, _scores, _g, _h, from, to));
            var rows = _sampling.Rows(number, _g, _h);
            _fixed.Set(_g, _h, _workers);
            var grown = Grow(rows, number);
            cut |= grown.IsCut;
            if (_loss.Renews) foreach (var leaf in grown.Leaves) grown.Renew(leaf, _loss.LeafValue(grown.RowsOf(leaf), _scores[k]));
            trees[k] = grown.ToTree(_binned.Bins, _settings.LearningRate);
            Advance(grown, k);
            watch?.Advance(grown, k, _settings.LearningRate);
        }
        if (!cut) return false;
        Trees.AddRange(trees);
        if (Outputs > 1)
        {
            for (var k = 0; k < Outputs; k++) _next[k].CopyTo(_scores[k], 0);
        }
        return true;
    }

    // A tree that finds no cut among its share of the columns looks at all: the columns that tell the rows apart may not be in its share.
    private GrownTree Grow(ReadOnlySpan<int> rows, int number)
    {
        var share = _sampling.Columns(number, _binned.Varies);
        var grown = _grower.Grow(_fixed, rows, share);
        return grown.IsCut || share.AsSpan().SequenceEqual(_binned.Varies) ? grown : _grower.Grow(_fixed, rows, _binned.Varies);
    }

    /// <summary>The loss of other rows, for validation.</summary>
    public static Loss LossOf(DataSet data, LearnerSettings settings, double[]? weights) => settings.Objective switch
    {
        Objective.Binary => new BinaryLoss(data.Labels, weights),
        Objective.Multiclass => new SoftmaxLoss(data.Labels, weights, ClassesOf(data, settings)),
        Objective.Poisson => new PoissonLoss(data.Labels, weights),
        Objective.Quantile => new QuantileLoss(data.Labels, weights, settings.Quantile),
        Objective.Huber => new HuberLoss(data.Labels, weights),
        Objective.Ranking => new RankingLoss(data.Labels, weights, data.Groups!, settings.RankingDepth),
        _ => new SquaredLoss(data.Labels, weights),
    };

    private static int ClassesOf(DataSet data, LearnerSettings settings) => settings.Classes > 0 ? settings.Classes : (int)data.Labels.Max() + 1;

    // Mean 1, so that penalties and the floors of a leaf keep their meaning.
    private static double[]? Normalised(double[]? weights)
    {
        if (weights is null) return null;
        var mean = weights.Sum() / weights.Length;
        return [.. weights.Select(w => w / mean)];
    }

    private void Advance(GrownTree grown, int output)
    {
        var (target, rate) = (_next[output], _settings.LearningRate);
        if (_sampling.TakesAll)
        {
            _workers.Each(grown.Leaves.Count, l =>
            {
                var step = grown.ValueOf(grown.Leaves[l]) * rate;
                foreach (var row in grown.RowsOf(grown.Leaves[l])) target[row] += step;
            });
            return;
        }
        _workers.Stretches(target.Length, (from, to) =>
        {
            for (var i = from; i < to; i++) target[i] += grown.ValueAt(_binned, i) * rate;
        });
    }
}
