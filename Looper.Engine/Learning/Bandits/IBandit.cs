namespace Looper.Core.Learning.Bandits;

/// <summary>A learned rule, fixed until the next one is published. Immutable and thread safe.</summary>
public interface IBandit
{
    /// <summary>Writes the exact p(option | row), the even share and the floor included.</summary>
    /// <param name="x">The row as it was learned from.</param>
    /// <param name="chances">One per option, overwritten; sums to 1, none below <see cref="BanditSettings.Floor"/>.</param>
    /// <returns>The option with the highest estimate.</returns>
    int Distribute(ReadOnlySpan<double> x, Span<double> chances);
}
