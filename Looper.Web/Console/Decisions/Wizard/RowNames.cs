namespace Looper.Web.Console.Decisions.Wizard;

/// <summary>Whose a name is while rows are named letter by letter. A longer name is another row's for a letter or two on its way;
/// until it is the row's own again, what refers to the row goes on naming it as before, so that the two are not mixed up.</summary>
internal sealed class RowNames
{
    private readonly Dictionary<int, Shared> _shared = [];

    private sealed record Shared(string Name, string Before);

    /// <param name="names">Of all rows, before the edit.</param>
    /// <returns>What is to be renamed where the rows are referred to, one after the other.</returns>
    public List<(string From, string To)> Rename(IReadOnlyList<string> names, int row, string to)
    {
        var before = Own(names, row);
        string[] after = [.. names];
        after[row] = to;
        _shared.Remove(row);
        List<(string, string)> moves = [];
        if (before is not null && IsTaken(after, row)) _shared[row] = new(to, before);
        else if (before is not null) moves.Add((before, to));
        foreach (var (other, shared) in _shared.Where(s => s.Key < after.Length && s.Value.Name == after[s.Key] && !IsTaken(after, s.Key)).ToList())
        {
            _shared.Remove(other);
            moves.Add((shared.Before, shared.Name));
        }
        return moves;
    }

    /// <returns>What refers to the row names it so; null where the name is another's.</returns>
    public string? Remove(IReadOnlyList<string> names, int row)
    {
        var own = Own(names, row);
        var later = _shared.Where(s => s.Key > row).ToList();
        foreach (var at in _shared.Keys.Where(at => at >= row).ToList()) _shared.Remove(at);
        foreach (var (at, shared) in later) _shared[at - 1] = shared;
        return own;
    }

    // Where rows are called alike from the start, nobody can tell whose the name is.
    private string? Own(IReadOnlyList<string> names, int row) => Before(names, row) ?? (names.Where((name, other) => other != row && name == names[row] && Before(names, other) is null).Any() ? null : names[row]);

    private string? Before(IReadOnlyList<string> names, int row) => _shared.TryGetValue(row, out var shared) && shared.Name == names[row] ? shared.Before : null;

    private static bool IsTaken(string[] names, int row) => names.Where((name, other) => other != row && name == names[row]).Any();
}
