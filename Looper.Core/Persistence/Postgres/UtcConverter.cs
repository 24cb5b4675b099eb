using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Looper.Core.Persistence.Postgres;

/// <summary>Times as the same instant in UTC: the driver refuses any other offset.</summary>
internal sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(time => time.ToUniversalTime(), time => time);
