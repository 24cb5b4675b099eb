using System.Collections.Immutable;
using Looper.Core.Learning.Trees;

namespace Looper.Core.Learning;

/// <summary>An ensemble with one output compiled for serving: a row is scored with every option at once, and the trees themselves are let go.</summary>
/// <remarks>Predictions equal <see cref="TreeEnsemble.Predict(ReadOnlySpan{double})"/> of the row with each option to the last bit. Immutable,
/// thread safe; predicting allocates nothing.</remarks>
public sealed class CompiledTrees
{
    private readonly Objective _objective;
    private readonly double _start;
    private readonly int _column;
    private readonly double[] _codes;
    private readonly ScoringPlan? _plan;
    private readonly TreeEnsemble? _plain;

    /// <param name="ensemble">With one output.</param>
    /// <param name="column">Index of the column that holds the option's code, or −1 when there is none.</param>
    /// <param name="codes">Code of every option; NaN for one that the ensemble does not know.</param>
    public CompiledTrees(TreeEnsemble ensemble, int column, ReadOnlySpan<double> codes)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        (_objective, _start, _column, _codes) = (ensemble.Objective, ensemble.Start[0], codes.IsEmpty ? -1 : column, codes.ToArray());
        if (ensemble.Trees.Length > TreeEnsemble.FewTrees) _plan = ScoringPlan.Of(ensemble.Trees, ensemble.Levels, 1, _column < 0 ? null : new OpenColumn(_column, _codes));
        if (_plan is null) _plain = ensemble;
    }

    private CompiledTrees(Objective objective, double start, int column, double[] codes, ScoringPlan plan) =>
        (_objective, _start, _column, _codes, _plan) = (objective, start, column, codes, plan);

    /// <summary>It can be written. Few trees are not: they are read as fast as they are.</summary>
    internal bool HasPlan => _plan is not null;

    /// <summary>Whether it was compiled for these options.</summary>
    internal bool IsFor(int column, ReadOnlySpan<double> codes) => _column == (codes.IsEmpty ? -1 : column) && codes.SequenceEqual(_codes);

    internal void Write(BinaryWriter to)
    {
        to.Write((byte)_objective);
        to.Write(_start);
        to.Write(_column);
        PlanCodec.WriteAll<double>(to, _codes);
        PlanCodec.Write(to, _plan!.Parts);
    }

    /// <param name="width">Columns of a row.</param>
    /// <exception cref="ArtefactFault">What was read cannot be scored with.</exception>
    internal static CompiledTrees Read(ref BlockReader from, int width)
    {
        var (objective, start, column, codes) = ((Objective)from.Byte(), from.Double(), from.Int(), from.All<double>());
        var parts = PlanCodec.Read(ref from);
        if (!Enum.IsDefined(objective) || column < -1 || column >= width || (column >= 0 && codes.Length == 0) || column != parts.Open)
            throw new ArtefactFault("its column of options does not fit");
        PlanCheck.Check(parts, width, column < 0 ? 1 : codes.Length);
        return new(objective, start, column, codes, new(parts));
    }

    /// <summary>What the trees were fitted for: the link from a score to a prediction.</summary>
    public Objective Objective => _objective;

    /// <summary>Bytes it holds on to; 0 where it keeps the ensemble.</summary>
    public long Bytes => _plan?.Bytes ?? 0;

    /// <summary>One prediction per option, on the label's own scale.</summary>
    /// <param name="row">One value per column; the option's is overwritten.</param>
    /// <param name="predictions">As many as options, or one.</param>
    public void Predict(Span<double> row, Span<double> predictions)
    {
        Scores(row, predictions);
        for (var option = 0; option < predictions.Length; option++) Links.Apply(_objective, predictions.Slice(option, 1));
    }

    /// <summary>What moved the score of one option: exact Shapley values, as <see cref="TreeShap"/> gives them for the ensemble itself.</summary>
    /// <param name="row">One value per column; the option's is overwritten.</param>
    /// <param name="option">Index of the option.</param>
    /// <param name="contributions">One per column, on the score's scale, overwritten.</param>
    /// <returns>The score expected before anything is known.</returns>
    public double Explain(Span<double> row, int option, Span<double> contributions)
    {
        if (_plain is not null)
        {
            if (_column >= 0) row[_column] = _codes[option];
            return TreeShap.Explain(_plain, row, contributions);
        }
        ImmutableArray<ImmutableArray<short>> levels = [.. Enumerable.Repeat(default(ImmutableArray<short>), row.Length)];
        return TreeShap.Explain(new(_objective, [_start], _plan!.Decided(row, _column < 0 ? 0 : option), levels), new double[row.Length], contributions);
    }

    private void Scores(Span<double> row, Span<double> scores)
    {
        scores.Fill(_start);
        if (_plan is not null)
        {
            _plan.AddScores(row, scores);
            return;
        }
        for (var option = 0; option < scores.Length; option++)
        {
            if (_column >= 0) row[_column] = _codes[option];
            if (_plain!.Trees.Length <= TreeEnsemble.FewTrees) _plain.FewScores(row, scores.Slice(option, 1));
            else _plain.PlainScores(row, scores.Slice(option, 1));
        }
    }
}
