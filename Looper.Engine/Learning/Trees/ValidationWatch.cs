namespace Looper.Core.Learning.Trees;

/// <summary>Follows the loss on the validation rows, and remembers where it was least.</summary>
internal sealed class ValidationWatch
{
    private readonly BinnedRows _binned;
    private readonly Loss _loss;
    private readonly Workers _workers;
    private readonly double[][] _scores;

    public ValidationWatch(DataSet validation, ColumnBins[] bins, BoostingRun run, LearnerSettings settings, Workers workers)
    {
        (_binned, _workers) = (BinnedRows.With(bins, validation, workers), workers);
        _loss = BoostingRun.LossOf(validation, settings with { Classes = run.Outputs > 1 ? run.Outputs : settings.Classes }, validation.Weights);
        _scores = WarmStart.Scores(settings.StartFrom, run.Start, validation, workers);
        Loss = Least = _loss.Mean(_scores, _workers);
    }

    /// <summary>Mean loss after the last round.</summary>
    public double Loss { get; private set; }

    /// <summary>Rounds after which the loss was least; 0 when no round improved on the start.</summary>
    public int BestRound { get; private set; }

    private double Least { get; set; }

    public void Advance(GrownTree grown, int output, double rate)
    {
        var target = _scores[output];
        _workers.Stretches(target.Length, (from, to) =>
        {
            for (var i = from; i < to; i++) target[i] += grown.ValueAt(_binned, i) * rate;
        });
    }

    public void Judge(int round)
    {
        Loss = _loss.Mean(_scores, _workers);
        if (Loss < Least) (Least, BestRound) = (Loss, round);
    }
}
