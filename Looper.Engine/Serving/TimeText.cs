namespace Looper.Core.Serving;

/// <summary>A time as applications send it → seconds since 1970-01-01 UTC, and back.</summary>
internal static class TimeText
{
    /// <summary>From here on a number is milliseconds: as seconds it would lie after the year 5000.</summary>
    private const double FirstMilliseconds = 1e11;

    private static readonly double s_first = DateTimeOffset.MinValue.ToUnixTimeSeconds(), s_last = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Seconds, or milliseconds from 1973 on; false outside the years 1 to 9999.</summary>
    public static bool TryRead(double number, out double seconds)
    {
        seconds = number >= FirstMilliseconds ? number / 1_000 : number;
        return seconds >= s_first && seconds <= s_last;
    }

    public static double Seconds(DateTimeOffset time) => WithinLast((time - DateTimeOffset.UnixEpoch).TotalSeconds);

    /// <summary>The moment of a time as it was served; one beyond the calendar, which an earlier version let in, is at its end.</summary>
    public static DateTimeOffset Moment(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(seconds, s_first, s_last));

    // Of the last second before the year 10000 a double holds no parts up to its end: they would round up.
    private static double WithinLast(double seconds) => Math.Min(seconds, s_last);

    /// <summary>RFC 3339 with its offset: <c>2026-05-04T12:30:00Z</c>, <c>2026-05-04T12:30:00.250+02:00</c>. Without an offset it is no time: whose
    /// clock was it?</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out double seconds)
    {
        seconds = 0;
        if (text.Length is < 20 or > 40 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':') return false;
        if (!Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day)
            || !Digits(text[11..13], out var hour) || !Digits(text[14..16], out var minute) || !Digits(text[17..19], out var second)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        var at = 19;
        var (fraction, unit) = (0.0, 0.1);
        if (text[at] == '.')
        {
            var first = ++at;
            for (; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++, unit /= 10) fraction += (text[at] - '0') * unit;
            if (at == first) return false;
        }
        if (!Offset(text[at..], out var offset)) return false;
        var whole = (new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond - offset;
        seconds = WithinLast(whole + fraction);
        return whole >= s_first && whole <= s_last; // its offset may take it out
    }

    private static bool Offset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (text.Length == 1) return text[0] is (byte)'Z' or (byte)'z';
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':' || !Digits(text[1..3], out var hours) || !Digits(text[4..], out var minutes)) return false;
        seconds = (hours * 60 + minutes) * (text[0] == '-' ? -60 : 60);
        return hours <= 23 && minutes <= 59;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var c in text)
        {
            if (c is < (byte)'0' or > (byte)'9') return false;
            number = number * 10 + (c - '0');
        }
        return true;
    }
}
