using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Looper.Core.Persistence.Sqlite;

/// <summary>Times as UTC ticks: SQLite can order and compare integers, not times.</summary>
internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

/// <summary>Ids as 16 bytes, most significant first, so that they sort by the time they carry.</summary>
internal sealed class GuidBytesConverter() : ValueConverter<Guid, byte[]>(id => id.ToByteArray(true), bytes => new Guid(bytes, true));
