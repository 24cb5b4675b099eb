namespace Looper.Core.Decisions.Import;

/// <summary>A yes or no in a cell of a file.</summary>
public static class YesNo
{
    public static bool TryRead(string cell, out bool yes)
    {
        ArgumentNullException.ThrowIfNull(cell);
        var word = cell.Trim().ToLowerInvariant();
        yes = word is "true" or "1" or "yes" or "1.0";
        return yes || word is "false" or "0" or "no" or "0.0";
    }
}
