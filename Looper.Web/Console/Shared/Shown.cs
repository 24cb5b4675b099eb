using System.Globalization;
using Looper.Core.Decisions;

namespace Looper.Web.Console.Shared;

/// <summary>Numbers and times as people read them: true minus sign, a fixed number of digits per kind, and never a number where there is none.</summary>
public static class Shown
{
    public const string Nothing = "—";
    private const char Minus = '−';
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    /// <summary>In full: <c>12,345</c>.</summary>
    public static string Count(double count) => Written(count, "#,##0");

    /// <summary>For tiles: <c>12.3k</c>; the full number belongs in the tooltip.</summary>
    public static string Compact(double count)
    {
        if (!double.IsFinite(count)) return Nothing;
        var (size, unit) = Math.Abs(count) switch
        {
            >= 999_950_000 => (1e9, "bn"),
            >= 999_950 => (1e6, "M"),
            >= 10_000 => (1e3, "k"),
            _ => (1, ""),
        };
        return size == 1 ? Count(count) : Written(count / size, "0.#") + unit;
    }

    /// <summary>A measured number with up to four significant digits: <c>24.9</c>, <c>0.01234</c>.</summary>
    public static string Number(double value) => double.IsFinite(value) ? Written(value, Format(DecimalsFor(value, significant: 4), trim: true)) : Nothing;

    /// <summary>A value with its interval, without a sign: <c>2.35 [1.72, 2.98]</c>, or of a rate <c>4.9% [3.1%, 6.7%]</c>. Half the interval has two significant digits.</summary>
    public static string Interval(double value, double low, double high, bool isRate = false)
    {
        if (!double.IsFinite(value)) return Nothing;
        if (!double.IsFinite(low + high)) return isRate ? Percent(value) : Number(value);
        return isRate ? Words.Interval(100 * value, 100 * low, 100 * high, "%") : Words.Interval(value, low, high);
    }

    /// <summary>A measured number in the unit of what was measured: <c>24.9 EUR</c>; no unit behind nothing.</summary>
    public static string Amount(double value, string? unit) => Number(value) + (double.IsFinite(value) && unit is not null ? " " + unit : "");

    /// <summary>A number with its unit: <c>24.90 EUR</c>.</summary>
    public static string Money(double value, string? unit) => double.IsFinite(value) ? Written(value, "#,##0.00") + (unit is null ? "" : " " + unit) : Nothing;

    /// <summary>A number of bytes: <c>12.3 MB</c>.</summary>
    public static string Size(double bytes) =>
        double.IsNaN(bytes) ? Nothing : bytes >= 1L << 30 ? $"{Number(bytes / (1L << 30))} GB" : bytes >= 1 << 20 ? $"{Number(bytes / (1 << 20))} MB" : $"{Number(bytes / 1_024)} kB";

    /// <summary>A fraction as percent: <c>12.3%</c>.</summary>
    public static string Percent(double fraction, int decimals = 1) => double.IsFinite(fraction) ? Written(fraction * 100, Format(decimals)) + "%" : Nothing;

    /// <summary>A confidence level as it was chosen, with no more decimals than it needs: <c>95%</c>, <c>97.5%</c>.</summary>
    public static string Level(double level) => double.IsFinite(level) ? Written(level * 100, Format(2, trim: true)) + "%" : Nothing;

    /// <summary>A p-value: three decimals, <c>&lt;0.001</c> below.</summary>
    public static string PValue(double p) => !double.IsFinite(p) ? Nothing : p < 0.001 ? "<0.001" : p > 0.999 ? ">0.999" : Written(p, "0.000");

    /// <summary>A probability that rests on data: whole percents, never 0 or 100.</summary>
    public static string Probability(double p) =>
        !double.IsFinite(p) ? Nothing : p < 0.001 ? "<0.1%" : p > 0.999 ? ">99.9%" : p is < 0.01 or > 0.99 ? Percent(p) : Percent(p, 0);

    /// <summary>A propensity: three significant digits, never percent.</summary>
    public static string Propensity(double p) => double.IsFinite(p) ? Written(p, Format(p >= 1 ? 2 : DecimalsFor(p, significant: 3))) : Nothing;

    /// <summary>A relative effect with its interval: <c>+3.1% [+0.4%, +5.8%]</c>. Half the interval has two significant digits.</summary>
    public static string Effect(double value, double low, double high) => Signed(value * 100, low * 100, high * 100, "%");

    /// <summary>A difference of two rates: <c>+0.62 pp [+0.11 pp, +1.13 pp]</c>.</summary>
    public static string Points(double value, double low, double high) => Signed(value * 100, low * 100, high * 100, " pp");

    /// <summary>A difference in the outcome's own unit.</summary>
    public static string Difference(double value, double low, double high, string? unit = null) => Signed(value, low, high, unit is null ? "" : " " + unit);

    /// <summary>The effect as a screen reader should say it.</summary>
    public static string EffectAloud(double value, double low, double high)
    {
        if (!double.IsFinite(value + low + high)) return "not enough data";
        var decimals = DecimalsOfHalf(low * 100, high * 100);
        return $"{Aloud(value * 100, decimals)} percent, from {Aloud(low * 100, decimals)} to {Aloud(high * 100, decimals)} percent";
    }

    /// <summary>The two largest parts: <c>3 d 4 h</c>, <c>210 ms</c>.</summary>
    public static string Duration(TimeSpan time) => time.Duration() switch
    {
        var t when t < TimeSpan.FromSeconds(1) => $"{t.TotalMilliseconds.ToString(t.TotalMilliseconds < 10 ? "0.#" : "0", English)} ms",
        var t when t < TimeSpan.FromMinutes(1) => $"{Math.Floor(t.TotalSeconds * 10) / 10:0.#} s",
        var t when t < TimeSpan.FromHours(1) => Two(t.Minutes, "min", t.Seconds, "s"),
        var t when t < TimeSpan.FromDays(1) => Two(t.Hours, "h", t.Minutes, "min"),
        var t => Two((int)t.TotalDays, "d", t.Hours, "h"),
    };

    /// <summary>How long ago, to the largest part: <c>3 min ago</c>.</summary>
    public static string Age(DateTimeOffset at, DateTimeOffset now) => (now - at) switch
    {
        var t when t < TimeSpan.FromSeconds(-30) => "in " + Largest(-t),
        var t when t < TimeSpan.FromSeconds(5) => "just now",
        var t => Largest(t) + " ago",
    };

    /// <summary>A moment in UTC: <c>12 Nov 2026 14:03</c>. Pages use <see cref="Moment"/>, which the browser turns into its own zone.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy HH:mm", English);

    /// <summary>A moment in UTC to the second: <c>12 Nov 2026 14:03:27</c>.</summary>
    public static string Second(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy HH:mm:ss", English);

    /// <summary>The first eight characters of an id or hash.</summary>
    public static string Id(Guid id) => id.ToString("N")[..8];

    /// <summary>A word and its count: <c>1 arm</c>, <c>3 arms</c>.</summary>
    public static string Plural(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    private static string Signed(double value, double low, double high, string unit)
    {
        if (!double.IsFinite(value)) return Nothing;
        var format = Format(double.IsFinite(low + high) ? DecimalsOfHalf(low, high) : DecimalsFor(value, significant: 2));
        string One(double number) => double.IsNegativeInfinity(number) ? $"{Minus}∞" : double.IsPositiveInfinity(number) ? "+∞" : Sign(Written(number, format)) + unit;
        return double.IsNaN(low) || double.IsNaN(high) ? One(value) : $"{One(value)} [{One(low)}, {One(high)}]";
    }

    private static string Sign(string number) => number[0] == Minus || number.All(c => c is '0' or '.' or ',') ? number : "+" + number;

    private static string Aloud(double number, int decimals)
    {
        var text = Math.Abs(number).ToString(Format(decimals), English);
        return (number < 0 ? "minus " : "plus ") + text;
    }

    private static int DecimalsOfHalf(double low, double high) => DecimalsFor((high - low) / 2, significant: 2);

    private static int DecimalsFor(double value, int significant)
    {
        var size = Math.Abs(value);
        if (size == 0 || !double.IsFinite(size)) return significant - 1;
        return Math.Clamp(significant - 1 - (int)Math.Floor(Math.Log10(size)), 0, 9);
    }

    private static string Format(int decimals, bool trim = false) => decimals == 0 ? "#,##0" : "#,##0." + new string(trim ? '#' : '0', decimals);

    private static string Written(double value, string format)
    {
        if (!double.IsFinite(value)) return Nothing;
        var text = value.ToString(format, English).Replace('-', Minus);
        return text[0] == Minus && text.All(c => c is '0' or '.' or ',' or Minus) ? text[1..] : text; // no minus zero
    }

    private static string Two(int large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";

    private static string Largest(TimeSpan t) => t switch
    {
        { TotalDays: >= 1 } => $"{(int)t.TotalDays} d",
        { TotalHours: >= 1 } => $"{(int)t.TotalHours} h",
        { TotalMinutes: >= 1 } => $"{(int)t.TotalMinutes} min",
        _ => $"{(int)t.TotalSeconds} s",
    };
}
