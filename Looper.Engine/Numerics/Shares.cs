namespace Looper.Core.Numerics;

/// <summary>Shares that sum to 1.</summary>
public static class Shares
{
    /// <summary>Lifts what is below the floor to it and scales the others down in proportion, until none is below. Keeps the order.</summary>
    public static void Lift(Span<double> shares, double floor)
    {
        for (var lifted = -1; ;)
        {
            var (free, low) = (0.0, 0);
            foreach (var share in shares)
            {
                if (share <= floor) low++;
                else free += share;
            }
            if (low == lifted || free <= 0) return;
            lifted = low;
            var scale = (1 - low * floor) / free;
            for (var i = 0; i < shares.Length; i++) shares[i] = shares[i] <= floor ? floor : shares[i] * scale;
        }
    }
}
