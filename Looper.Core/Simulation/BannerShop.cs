using System.Collections.Immutable;
using Looper.Core.Numerics;

namespace Looper.Core.Simulation;

/// <summary>A customer of the simulated shop: what the app would know at the moment of the decision.</summary>
public sealed record Customer(string Unit, string CustomerType, string Country, double CartValue, int VisitsLastWeek, bool IsMember);

/// <summary>
/// A small shop whose truth is known: three banners, a different best one for each type of customer. Everything else about
/// a customer changes how much is bought, or nothing at all, but never which banner is best.
/// </summary>
/// <remarks>P(purchase) = rate[type, banner] · (0.6 + 0.8·min(cart/100, 1)); cart is uniform on [0, 150] and independent of the
/// type, so the mean of the factor is 0.6 + 0.8·(1 − 100/300) = 17/15 and every expected rate below is exact.</remarks>
public sealed class BannerShop(long seed)
{
    private const double MeanCartFactor = 17.0 / 15;

    public static ImmutableArray<string> Banners { get; } = ["free-shipping", "ten-percent", "loyalty-points"];

    public static ImmutableArray<string> CustomerTypes { get; } = ["new", "returning", "loyal"];

    private static readonly double[] s_typeShares = [0.40, 0.35, 0.25];
    private static readonly string[] s_countries = ["NL", "DE", "FR", "ES"];
    private static readonly double[,] s_rates =
    {
        { 0.36, 0.16, 0.08 },
        { 0.12, 0.34, 0.10 },
        { 0.10, 0.14, 0.38 },
    };

    /// <summary>The customer with this number: always the same one.</summary>
    public Customer Customer(long number)
    {
        var draw = new Philox(seed, "customer", number);
        var u = draw.Uniform();
        var type = u < s_typeShares[0] ? 0 : u < s_typeShares[0] + s_typeShares[1] ? 1 : 2;
        return new Customer(
            $"customer-{number:D6}", CustomerTypes[type], s_countries[draw.Below(s_countries.Length)],
            Math.Round(150 * draw.Uniform(), 2), draw.Below(8), draw.Uniform() < 0.3);
    }

    /// <summary>Whether this customer buys after seeing the banner. The same coin falls for every banner, so a better banner never loses a sale.</summary>
    public bool Buys(long number, Customer customer, string banner) => new Philox(seed, "purchase", number).Uniform() < Probability(customer, banner);

    /// <summary>Probability that this customer buys after seeing <paramref name="banner"/>.</summary>
    public static double Probability(Customer customer, string banner) =>
        s_rates[CustomerTypes.IndexOf(customer.CustomerType), Banners.IndexOf(banner)] * (0.6 + 0.8 * Math.Min(customer.CartValue / 100, 1));

    /// <summary>Expected purchases per customer when everyone sees <paramref name="banner"/>.</summary>
    public static double ExpectedRate(string banner) =>
        MeanCartFactor * Enumerable.Range(0, CustomerTypes.Length).Sum(t => s_typeShares[t] * s_rates[t, Banners.IndexOf(banner)]);

    /// <summary>Expected purchases per customer when each sees the banner that is best for them: no policy can do better.</summary>
    public static double BestPossibleRate { get; } =
        MeanCartFactor * Enumerable.Range(0, CustomerTypes.Length).Sum(t => s_typeShares[t] * Enumerable.Range(0, Banners.Length).Max(b => s_rates[t, b]));

    /// <summary>The banner that is best for customers of this type.</summary>
    public static string BestBanner(string customerType) => Banners.MaxBy(b => s_rates[CustomerTypes.IndexOf(customerType), Banners.IndexOf(b)])!;
}
