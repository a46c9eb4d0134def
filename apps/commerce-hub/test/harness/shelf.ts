/** What the shops of the tests sell, as a delivery to the REST API. */
export const shelf = [
  { sku: 'MUG', name: 'RED RETROSPOT MUG', prices: ['2.550', '2.125'], stock: 20 },
  { sku: '85123A', name: 'WHITE HANGING HEART T-LIGHT HOLDER', prices: ['2.950'], stock: 100 },
  { sku: 'LAST', name: 'LAST LANTERN', prices: ['12.500'], stock: 1 },
  { sku: 'GONE', name: 'GONE GLOBE', prices: ['7.000'], stock: 0 },
  { sku: 'MARKUP', name: '<script>alert(1)</script> "BOX" & \'LID\'', prices: ['1.000'], stock: 5 },
  { sku: 'PALACE', name: 'PRICELESS PALACE', prices: ['999999999999'], stock: 999_999 },
  // The amounts that the gateway's emulator treats in a special way.
  { sku: 'DECLINED', name: 'DECLINED CARD HOLDER', prices: ['0.020'], stock: 5 },
  { sku: 'LATE', name: 'LATE TRAIN SET', prices: ['0.040'], stock: 5 },
  { sku: 'PENDING', name: 'PENDING LAMP', prices: ['0.050'], stock: 5 },
  { sku: 'TWICE', name: 'TWICE TOLD TALES', prices: ['0.060'], stock: 5 },
] as const
