using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;

namespace Looper.Core.Serving.Candidates;

/// <summary>Calls as logged → rows in the terms of a design, one per candidate as sent. Not thread safe.</summary>
internal sealed class CallRows(BlueprintContent content, BanditDesign design)
{
    private readonly RowTranslation _contexts = new(content.Features), _candidates = new(content.CandidateFeatures);
    private readonly ModelEncoder _context = new(design.Columns, content.Features, []), _candidate = new(design.Columns, content.CandidateFeatures, []);
    private readonly DecisionWorkspace _workspace = new();

    /// <summary>n × d numbers.</summary>
    /// <param name="version">Of the blueprint that logged the call.</param>
    /// <param name="then">Its content.</param>
    /// <param name="served">The context as logged.</param>
    /// <param name="sent">The n candidates as logged.</param>
    public double[] Of(int version, BlueprintContent then, ReadOnlySpan<byte> served, ServedCandidates sent)
    {
        _workspace.Clear();
        _contexts.Translate(version, then.Features, served, _workspace);
        var row = _workspace.Row(_context.Width);
        _context.Encode(_workspace.Served, row);
        var rows = new double[sent.Count * design.Width];
        for (var i = 0; i < sent.Count; i++)
        {
            _candidates.Translate(version, then.CandidateFeatures, sent.Row(i), _workspace.Candidates.Row);
            _candidate.EncodeOver(_workspace.Candidates.Row.Served, row);
            design.Write(row, rows.AsSpan(i * design.Width, design.Width));
        }
        return rows;
    }
}
