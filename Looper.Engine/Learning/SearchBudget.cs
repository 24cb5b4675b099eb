namespace Looper.Core.Learning;

/// <summary>How far a search went, counted in fits: with data, settings, space and seed all that is needed to make it again exactly.</summary>
/// <param name="Explored">Fits that looked for settings; at least 1.</param>
/// <param name="Confirmed">Fits on other rows that checked what was found.</param>
public sealed record SearchLength(int Explored, int Confirmed);

/// <summary>How long a search may go on: by a clock, or exactly as far as an earlier one went.</summary>
public sealed class SearchBudget
{
    private const double ExploringShare = 0.5;

    private readonly Func<double> _spent;
    private readonly SearchLength? _again;

    private SearchBudget(Func<double> spent, SearchLength? again) => (_spent, _again) = (spent, again);

    /// <summary>Until the search has nothing more to try.</summary>
    public static SearchBudget Unbounded { get; } = new(() => 0, null);

    /// <summary>By a clock. Half of the budget is for looking, what is left after it for checking; a fit that the clock cuts off leaves no trace.</summary>
    /// <param name="spent">The share of the budget that is spent, 0 to 1 and above; asked between trials and between rounds.</param>
    public static SearchBudget Of(Func<double> spent) => new(spent, null);

    /// <summary>As far as an earlier search went: the same result, byte for byte, however fast the machine.</summary>
    /// <param name="length">What the earlier one reported.</param>
    public static SearchBudget Again(SearchLength length) => new(() => 0, length);

    internal bool ExploringIsOver(int fits) => _again is { } again ? fits >= again.Explored : _spent() >= ExploringShare;

    internal bool ConfirmingIsOver(int fits) => _again is { } again ? fits >= again.Confirmed : _spent() >= 1;
}
